/**
 * `annotated-kafka produce`: sends each line of standard input as a record, as Kafka's own
 * `kafka-console-producer.sh` does it.
 *
 * @kafka org.apache.kafka.tools.ConsoleProducer
 * @simplified settings of the producer are given as `--command-property`, without an option of its
 *   own for each. The exit code is 1 when a record could not be sent, not only with `--sync`.
 */

import { ByteArraySerializer } from '../../common/serialization/ByteArraySerializer.ts'
import { utf8Bytes } from '../../common/utf8.ts'
import { type Environment, systemEnvironment } from '../../network/Environment.ts'
import { KafkaProducer } from '../../producer/KafkaProducer.ts'
import type { ProducerConfigInput } from '../../producer/ProducerConfig.ts'
import { parseProperties } from '../properties.ts'
import type { Terminal } from '../Terminal.ts'
import { LineMessageReader, type LineRecord } from './LineMessageReader.ts'
import type { ProduceFlags } from './produceOptions.ts'

type Streams = Pick<
  Terminal,
  'write' | 'writeError' | 'readLines' | 'readFile' | 'inputIsTerminal' | 'setExitCode'
>

export const runProduce = async (
  flags: ProduceFlags,
  terminal: Streams,
  environment: Partial<Environment> = {},
): Promise<void> => {
  const reader = new LineMessageReader(flags.readerProperty)
  const config = await configOf(flags, terminal)
  const producer = new KafkaProducer<Uint8Array, Uint8Array>(config, systemEnvironment(environment))
  const fail = (error: Error): void => {
    const where = `Error when sending message to topic ${flags.topic}`
    terminal.writeError(`${where}: ${error.name}: ${error.message}\n`)
    terminal.setExitCode(1)
  }
  const prompt = () => terminal.inputIsTerminal() && terminal.write('>')
  try {
    prompt()
    for await (const line of terminal.readLines()) {
      const sent = producer.send(recordOf(flags.topic, reader.read(line)), (_, error) => {
        if (error !== null) fail(error)
      })
      // Memory is used up, or somebody wants to see each go: the input waits.
      if (sent.appended !== null) await sent.appended
      if (flags.sync) await sent
      prompt()
    }
  } finally {
    await producer.close()
  }
}

const bytes = (text: string | null): Uint8Array | null => (text === null ? null : utf8Bytes(text))

const recordOf = (topic: string, { key, value, headers }: LineRecord) => ({
  topic,
  key: bytes(key),
  value: bytes(value),
  headers: headers.map(([name, header]) => ({ key: name, value: bytes(header) })),
})

const configOf = async (
  flags: ProduceFlags,
  { readFile }: Pick<Terminal, 'readFile'>,
): Promise<ProducerConfigInput<Uint8Array, Uint8Array>> => {
  const { commandConfig, compressionCodec, requestRequiredAcks } = flags
  const file = commandConfig === undefined ? {} : parseProperties(await readFile(commandConfig))
  const settings: Record<string, unknown> = {
    'client.id': 'console-producer',
    ...file,
    ...flags.commandProperty,
    'bootstrap.servers': flags.bootstrapServer,
    'key.serializer': ByteArraySerializer,
    'value.serializer': ByteArraySerializer,
  }
  if (requestRequiredAcks !== undefined) settings['acks'] = requestRequiredAcks
  if (compressionCodec !== undefined) {
    settings['compression.type'] = compressionCodec === true ? 'gzip' : compressionCodec
  }
  return settings as ProducerConfigInput<Uint8Array, Uint8Array>
}
