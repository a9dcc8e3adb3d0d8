/**
 * The settings of TLS, by Kafka's names: known and refused, until there is TLS.
 *
 * Somebody who moves a program here brings them along. Ignored, they would leave a connection in
 * the clear that was meant to be encrypted; so each is refused with its reason, and only the value
 * that it has anyway may be written.
 *
 * @kafka org.apache.kafka.common.config.SslConfigs
 * @simplified no setting takes a value yet: TLS comes with security. Those that name a class or an
 *   algorithm of the JVM have no counterpart in Node.
 */

import { defineConfigs } from './ConfigDef.ts'
import type { Definition } from './ConfigTypes.ts'
import { validList } from './validators.ts'

const TLS = 'TLS is not there yet; connections are PLAINTEXT'
const JVM = 'it names a part of the JVM, which Node has not'

const refusedTls = <const D extends Definition>(definition: D) => ({ ...definition, refused: TLS })
const refusedJvm = <const D extends Definition>(definition: D) => ({ ...definition, refused: JVM })

export const SSL_CONFIGS = defineConfigs({
  'ssl.cipher.suites': refusedTls({
    type: 'list',
    default: [],
    validator: validList([]),
    importance: 'low',
    documentation: 'The cipher suites to choose from; none named: all that there are.',
  }),
  'ssl.enabled.protocols': refusedTls({
    type: 'list',
    default: ['TLSv1.2', 'TLSv1.3'],
    validator: validList([]),
    importance: 'medium',
    documentation: 'The versions of TLS to choose from.',
  }),
  'ssl.endpoint.identification.algorithm': refusedTls({
    type: 'string',
    default: 'https',
    importance: 'low',
    documentation: "How the broker's name is held against its certificate; empty: not at all.",
  }),
  'ssl.engine.factory.class': refusedJvm({
    type: 'class',
    default: null,
    importance: 'low',
    documentation: 'A class that makes engines of TLS.',
  }),
  'ssl.key.password': refusedTls({
    type: 'password',
    default: null,
    importance: 'high',
    documentation: 'What the private key is encrypted with.',
  }),
  'ssl.keymanager.algorithm': refusedJvm({
    type: 'string',
    default: 'SunX509',
    importance: 'low',
    documentation: 'How the key manager works.',
  }),
  'ssl.keystore.certificate.chain': refusedTls({
    type: 'password',
    default: null,
    importance: 'high',
    documentation: "The client's certificate and those that vouch for it, in PEM.",
  }),
  'ssl.keystore.key': refusedTls({
    type: 'password',
    default: null,
    importance: 'high',
    documentation: "The client's private key, in PEM.",
  }),
  'ssl.keystore.location': refusedTls({
    type: 'string',
    default: null,
    importance: 'high',
    documentation: "The file with the client's key and certificate.",
  }),
  'ssl.keystore.password': refusedTls({
    type: 'password',
    default: null,
    importance: 'high',
    documentation: 'What that file is encrypted with.',
  }),
  'ssl.keystore.type': refusedTls({
    type: 'string',
    default: 'JKS',
    importance: 'medium',
    documentation: 'The format of that file.',
  }),
  'ssl.protocol': refusedTls({
    type: 'string',
    default: 'TLSv1.3',
    importance: 'medium',
    documentation: 'The version of TLS that a context is made for.',
  }),
  'ssl.provider': refusedJvm({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'Whose implementation of TLS is used.',
  }),
  'ssl.secure.random.implementation': refusedJvm({
    type: 'string',
    default: null,
    importance: 'low',
    documentation: 'Where random numbers come from.',
  }),
  'ssl.trustmanager.algorithm': refusedJvm({
    type: 'string',
    default: 'PKIX',
    importance: 'low',
    documentation: 'How the trust manager works.',
  }),
  'ssl.truststore.certificates': refusedTls({
    type: 'password',
    default: null,
    importance: 'high',
    documentation: 'The certificates that are trusted, in PEM.',
  }),
  'ssl.truststore.location': refusedTls({
    type: 'string',
    default: null,
    importance: 'high',
    documentation: 'The file with the certificates that are trusted.',
  }),
  'ssl.truststore.password': refusedTls({
    type: 'password',
    default: null,
    importance: 'high',
    documentation: 'What that file is encrypted with.',
  }),
  'ssl.truststore.type': refusedTls({
    type: 'string',
    default: 'JKS',
    importance: 'medium',
    documentation: 'The format of that file.',
  }),
})
