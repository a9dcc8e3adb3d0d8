/**
 * The settings of SASL, by Kafka's names: known and refused, until there is SASL.
 *
 * Ignored, they would leave a client nameless that was meant to prove who it is; so each is refused
 * with its reason, and only the value that it has anyway may be written.
 *
 * @kafka org.apache.kafka.common.config.SaslConfigs
 * @simplified no setting takes a value yet: SASL comes with security. The classes that fetch and
 *   check tokens have no default, for it would be the name of a Java class.
 */

import { defineConfigs } from './ConfigDef.ts'
import type { Definition } from './ConfigTypes.ts'
import { between, caseInsensitiveValidString, validList } from './validators.ts'

const SASL = 'SASL is not there yet; connections are PLAINTEXT'
const KERBEROS = 'SASL with Kerberos is not there yet; connections are PLAINTEXT'
const OAUTH = 'SASL with OAuth is not there yet; connections are PLAINTEXT'

const refusedSasl = <const D extends Definition>(definition: D) => ({
  ...definition,
  refused: SASL,
})
const refusedKerberos = <const D extends Definition>(definition: D) => ({
  ...definition,
  refused: KERBEROS,
})
const refusedOauth = <const D extends Definition>(definition: D) => ({
  ...definition,
  refused: OAUTH,
})

export const SASL_CONFIGS = defineConfigs({
  'sasl.client.callback.handler.class': refusedSasl({
    type: 'class',
    default: null,
    importance: 'medium',
    documentation: 'What answers the questions of the SASL mechanism: for a name, for a password.',
  }),
  'sasl.jaas.config': refusedSasl({
    type: 'password',
    default: null,
    importance: 'medium',
    documentation: 'Name and password in the form of a JAAS file, which is a JVM one.',
  }),
  'sasl.kerberos.kinit.cmd': refusedKerberos({
    type: 'string',
    default: '/usr/bin/kinit',
    importance: 'low',
    documentation: 'The program that gets a Kerberos ticket.',
  }),
  'sasl.kerberos.min.time.before.relogin': refusedKerberos({
    type: 'long',
    default: 60000,
    importance: 'low',
    documentation: 'How long to wait between two attempts to renew a ticket, in milliseconds.',
  }),
  'sasl.kerberos.service.name': refusedKerberos({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: "The Kerberos principal's service, as the broker runs under it.",
  }),
  'sasl.kerberos.ticket.renew.jitter': refusedKerberos({
    type: 'double',
    default: 0.05,
    importance: 'low',
    documentation: 'How far the time of renewal is moved by chance, as a part of it.',
  }),
  'sasl.kerberos.ticket.renew.window.factor': refusedKerberos({
    type: 'double',
    default: 0.8,
    importance: 'low',
    documentation: "After which part of a ticket's life it is renewed.",
  }),
  'sasl.login.callback.handler.class': refusedSasl({
    type: 'class',
    default: null,
    importance: 'medium',
    documentation: 'What answers the questions of the login itself.',
  }),
  'sasl.login.class': refusedSasl({
    type: 'class',
    default: null,
    importance: 'medium',
    documentation: 'What logs in, before the mechanism has its say.',
  }),
  'sasl.login.connect.timeout.ms': refusedOauth({
    type: 'int',
    default: null,
    importance: 'low',
    documentation: 'How long connecting to the provider of tokens may take.',
  }),
  'sasl.login.read.timeout.ms': refusedOauth({
    type: 'int',
    default: null,
    importance: 'low',
    documentation: 'How long the answer of the provider of tokens may take.',
  }),
  'sasl.login.refresh.buffer.seconds': refusedOauth({
    type: 'short',
    default: 300,
    validator: between(0, 3600),
    importance: 'low',
    documentation: 'How long before a token expires it is renewed at the latest.',
  }),
  'sasl.login.refresh.min.period.seconds': refusedOauth({
    type: 'short',
    default: 60,
    validator: between(0, 900),
    importance: 'low',
    documentation: 'How long to wait between two renewals of a token at least.',
  }),
  'sasl.login.refresh.window.factor': refusedOauth({
    type: 'double',
    default: 0.8,
    validator: between(0.5, 1),
    importance: 'low',
    documentation: "After which part of a token's life it is renewed.",
  }),
  'sasl.login.refresh.window.jitter': refusedOauth({
    type: 'double',
    default: 0.05,
    validator: between(0, 0.25),
    importance: 'low',
    documentation: 'How far that moment is moved by chance, as a part of the life.',
  }),
  'sasl.login.retry.backoff.max.ms': refusedOauth({
    type: 'long',
    default: 10000,
    importance: 'low',
    documentation: 'The longest wait before asking the provider of tokens again.',
  }),
  'sasl.login.retry.backoff.ms': refusedOauth({
    type: 'long',
    default: 100,
    importance: 'low',
    documentation: 'The first wait before asking the provider of tokens again.',
  }),
  'sasl.mechanism': refusedSasl({
    type: 'string',
    default: 'GSSAPI',
    importance: 'medium',
    documentation: 'Which SASL mechanism the client proves itself with.',
  }),
  'sasl.oauthbearer.assertion.algorithm': refusedOauth({
    type: 'string',
    default: 'RS256',
    validator: caseInsensitiveValidString('ES256', 'RS256'),
    importance: 'medium',
    documentation: 'What signs the assertion that a token is asked for with.',
  }),
  'sasl.oauthbearer.assertion.claim.aud': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'The claim `aud` of the assertion: whom it is for.',
  }),
  'sasl.oauthbearer.assertion.claim.exp.seconds': refusedOauth({
    type: 'int',
    default: 300,
    validator: between(0, 86400),
    importance: 'low',
    documentation: 'For how long the assertion holds.',
  }),
  'sasl.oauthbearer.assertion.claim.iss': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'The claim `iss` of the assertion: who made it.',
  }),
  'sasl.oauthbearer.assertion.claim.jti.include': refusedOauth({
    type: 'boolean',
    default: false,
    importance: 'medium',
    documentation: 'Whether the assertion has an id of its own, the claim `jti`.',
  }),
  'sasl.oauthbearer.assertion.claim.nbf.seconds': refusedOauth({
    type: 'int',
    default: 60,
    validator: between(0, 3600),
    importance: 'low',
    documentation: 'How long before now the assertion begins to hold.',
  }),
  'sasl.oauthbearer.assertion.claim.sub': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'The claim `sub` of the assertion: whom it speaks of.',
  }),
  'sasl.oauthbearer.assertion.file': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'A file that holds an assertion, made elsewhere.',
  }),
  'sasl.oauthbearer.assertion.private.key.file': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'The file of the key that signs assertions.',
  }),
  'sasl.oauthbearer.assertion.private.key.passphrase': refusedOauth({
    type: 'password',
    default: null,
    importance: 'medium',
    documentation: 'What that file is encrypted with.',
  }),
  'sasl.oauthbearer.assertion.template.file': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'A file with claims for every assertion.',
  }),
  'sasl.oauthbearer.client.credentials.client.id': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'The id by which the provider of tokens knows the client.',
  }),
  'sasl.oauthbearer.client.credentials.client.secret': refusedOauth({
    type: 'password',
    default: null,
    importance: 'medium',
    documentation: "The secret that goes with the client's id.",
  }),
  'sasl.oauthbearer.clock.skew.seconds': refusedOauth({
    type: 'int',
    default: 30,
    importance: 'low',
    documentation: 'How far the clocks of provider and broker may be apart.',
  }),
  'sasl.oauthbearer.expected.audience': refusedOauth({
    type: 'list',
    default: [],
    validator: validList([]),
    importance: 'high',
    documentation: 'Whom a token must be for to be taken.',
  }),
  'sasl.oauthbearer.expected.issuer': refusedOauth({
    type: 'string',
    default: null,
    importance: 'high',
    documentation: 'Who must have made a token for it to be taken.',
  }),
  'sasl.oauthbearer.header.urlencode': refusedOauth({
    type: 'boolean',
    default: false,
    importance: 'low',
    documentation: 'Whether id and secret are URL-encoded in the header, as the standard says.',
  }),
  'sasl.oauthbearer.jwks.endpoint.refresh.ms': refusedOauth({
    type: 'long',
    default: 3600000,
    importance: 'low',
    documentation: 'How often the keys that check tokens are fetched again.',
  }),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.max.ms': refusedOauth({
    type: 'long',
    default: 10000,
    importance: 'low',
    documentation: 'The longest wait before those keys are fetched again after a failure.',
  }),
  'sasl.oauthbearer.jwks.endpoint.retry.backoff.ms': refusedOauth({
    type: 'long',
    default: 100,
    importance: 'low',
    documentation: 'The first wait before those keys are fetched again after a failure.',
  }),
  'sasl.oauthbearer.jwks.endpoint.url': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'Where the keys that check tokens are.',
  }),
  'sasl.oauthbearer.jwt.retriever.class': refusedOauth({
    type: 'class',
    default: null,
    importance: 'medium',
    documentation: 'What fetches tokens: in Java the name of a class.',
  }),
  'sasl.oauthbearer.jwt.validator.class': refusedOauth({
    type: 'class',
    default: null,
    importance: 'medium',
    documentation: 'What checks tokens: in Java the name of a class.',
  }),
  'sasl.oauthbearer.scope': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'The scope that a token is asked for.',
  }),
  'sasl.oauthbearer.scope.claim.name': refusedOauth({
    type: 'string',
    default: 'scope',
    importance: 'low',
    documentation: 'The claim that holds the scope.',
  }),
  'sasl.oauthbearer.sub.claim.name': refusedOauth({
    type: 'string',
    default: 'sub',
    importance: 'low',
    documentation: 'The claim that holds the subject.',
  }),
  'sasl.oauthbearer.token.endpoint.url': refusedOauth({
    type: 'string',
    default: null,
    importance: 'medium',
    documentation: 'Where tokens are asked for.',
  }),
})
