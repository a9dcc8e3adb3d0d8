import { describe, expect, it } from 'vitest'
import packageJson from '../../package.json' with { type: 'json' }
import { CLIENT_SOFTWARE_NAME, CLIENT_SOFTWARE_VERSION } from '../../src/clients/AppInfo.ts'
import { parseAndValidateAddresses } from '../../src/clients/ClientUtils.ts'
import {
  COMMON_CLIENT_CONFIGS,
  postProcessReconnectBackoffConfigs,
  warnDisablingExponentialBackoff,
} from '../../src/clients/CommonClientConfigs.ts'
import { preferredAddresses, UnknownHostException } from '../../src/clients/HostResolver.ts'
import { ConfigDef } from '../../src/common/config/ConfigDef.ts'
import { ConfigException } from '../../src/common/errors.ts'
import { covers } from '../support/covers.ts'
import { RecordingLogger } from '../support/RecordingLogger.ts'

const parse = (...urls: string[]) => parseAndValidateAddresses(urls, new RecordingLogger())

describe('parseAndValidateAddresses', () => {
  it('reads names, IPv4 and IPv6 addresses, with or without a protocol', () => {
    covers('ClientUtilsTest.testParseAndValidateAddresses')
    expect(parse('127.0.0.1:8000', 'localhost:8080', '[::1]:8000')).toEqual([
      { host: '127.0.0.1', port: 8000 },
      { host: 'localhost', port: 8080 },
      { host: '::1', port: 8000 },
    ])
    expect(parse('[2001:db8:85a3:8d3:1319:8a2e:370:7348]:1234', 'localhost:10000')).toHaveLength(2)
    expect(parse('PLAINTEXT://kafka-1.example:9092')).toEqual([
      { host: 'kafka-1.example', port: 9092 },
    ])
  })

  it('takes several brokers', () => {
    covers('ClientUtilsTest.testValidBrokerAddress')
    expect(parse('localhost:9997', 'localhost:9998', 'localhost:9999')).toHaveLength(3)
  })

  it.each([
    ['localhost:9997\nlocalhost:9998'],
    [' localhost:9999'],
    ['localhost:9997 localhost:9998 localhost:9999'],
    ['localhost:'],
    ['local host:9092'],
  ])('refuses %j, and says what an address looks like', (url) => {
    covers('ClientUtilsTest.testInvalidBrokerAddress')
    expect(() => parse(url)).toThrow(ConfigException)
    expect(() => parse(url)).toThrow(/bootstrap\.servers.*host:port/s)
  })

  it('refuses an address without a port', () => {
    covers('ClientUtilsTest.testNoPort')
    expect(() => parse('127.0.0.1')).toThrow(ConfigException)
  })

  it('refuses a port that cannot be', () => {
    covers('ClientUtilsTest.testInvalidPort')
    expect(() => parse('localhost:70000')).toThrow(/port is a number from 0 to 65535/)
  })

  it('leaves out names that cannot be resolved, and refuses to go on with none', () => {
    covers('ClientUtilsTest.testOnlyBadHostname')
    const logger = new RecordingLogger()
    const resolver = {
      resolve: (host: string) => {
        if (host === 'bad') throw new UnknownHostException(host)
        return ['10.0.0.1']
      },
    }
    const addresses = parseAndValidateAddresses(['bad:9092', 'good:9092'], logger, resolver)
    expect(addresses).toEqual([{ host: 'good', port: 9092 }])
    expect(logger.messages('warn')).toHaveLength(1)
    expect(() => parseAndValidateAddresses(['bad:9092'], logger, resolver)).toThrow(
      /No resolvable bootstrap urls given in bootstrap\.servers/,
    )
    expect(() => parse('')).toThrow(ConfigException)
  })
})

describe('preferredAddresses', () => {
  it('keeps the family of the first address', () => {
    covers('ClientUtilsTest.testFilterPreferredAddresses')
    expect(preferredAddresses(['192.0.0.1', '::1', '192.0.0.2'])).toEqual([
      '192.0.0.1',
      '192.0.0.2',
    ])
    expect(preferredAddresses(['::1', '192.0.0.1'])).toEqual(['::1'])
    expect(preferredAddresses([])).toEqual([])
  })
})

describe('the settings that clients share', () => {
  const config = new ConfigDef(COMMON_CLIENT_CONFIGS)
  const valid = { 'bootstrap.servers': 'localhost:9092' }

  it('have Kafka’s defaults', () => {
    expect(config.parse(valid)).toMatchObject({
      'bootstrap.servers': ['localhost:9092'],
      'client.dns.lookup': 'use_all_dns_ips',
      'client.id': '',
      'metadata.max.age.ms': 300_000,
      'metadata.recovery.strategy': 'rebootstrap',
      'metadata.recovery.rebootstrap.trigger.ms': 300_000,
      'reconnect.backoff.ms': 50,
      'reconnect.backoff.max.ms': 1000,
      'retry.backoff.ms': 100,
      'retry.backoff.max.ms': 1000,
      'request.timeout.ms': 30_000,
      'socket.connection.setup.timeout.ms': 10_000,
      'socket.connection.setup.timeout.max.ms': 30_000,
      'connections.max.idle.ms': 540_000,
      'security.protocol': 'PLAINTEXT',
      'send.buffer.bytes': -1,
      'receive.buffer.bytes': -1,
      'enable.metrics.push': false,
    })
  })

  it('refuse what they do not know', () => {
    covers('ClientUtilsTest.testInvalidConfig')
    const parseProperties = (more: object) => () => config.parseProperties({ ...valid, ...more })
    expect(parseProperties({ 'client.dns.lookup': 'random.value' })).toThrow(ConfigException)
    expect(parseProperties({ 'security.protocol': 'SASL_SSL' })).toThrow(/only PLAINTEXT/)
    expect(parseProperties({ 'ssl.truststore.location': 'my.pem' })).toThrow(/TLS is not there/)
    expect(parseProperties({ 'sasl.jaas.config': 'secret' })).toThrow(/SASL is not there/)
    expect(parseProperties({ 'bootstrap.servers': [] })).toThrow(/bootstrap\.servers/)
    expect(() => config.parseProperties({})).toThrow(/bootstrap\.servers/)
  })

  it('let a lone reconnect.backoff.ms be constant', () => {
    const alone = { ...valid, 'reconnect.backoff.ms': 123 }
    expect(postProcessReconnectBackoffConfigs(alone, config.parse(alone))).toEqual({
      'reconnect.backoff.max.ms': 123,
    })
    const both = { ...alone, 'reconnect.backoff.max.ms': 200 }
    expect(postProcessReconnectBackoffConfigs(both, config.parse(both))).toEqual({})
    expect(postProcessReconnectBackoffConfigs(valid, config.parse(valid))).toEqual({})
  })

  it('warn of a maximum below its start', () => {
    const logger = new RecordingLogger()
    warnDisablingExponentialBackoff(config.parse(valid), logger)
    expect(logger.messages()).toEqual([])
    const odd = {
      ...valid,
      'retry.backoff.ms': 5000,
      'socket.connection.setup.timeout.ms': 99_000,
    }
    warnDisablingExponentialBackoff(config.parse(odd), logger)
    expect(logger.messages('warn')).toHaveLength(2)
  })
})

describe('what the client calls itself', () => {
  it('is what package.json says', () => {
    expect(CLIENT_SOFTWARE_NAME).toBe(packageJson.name)
    expect(CLIENT_SOFTWARE_VERSION).toBe(packageJson.version)
  })

  it('is a name and a version that a broker accepts', () => {
    const accepted = /^[a-zA-Z0-9](?:[a-zA-Z0-9\-.]*[a-zA-Z0-9])?$/
    expect(CLIENT_SOFTWARE_NAME).toMatch(accepted)
    expect(CLIENT_SOFTWARE_VERSION).toMatch(accepted)
  })
})
