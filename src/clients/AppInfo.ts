/**
 * What this client calls itself to a broker: a broker's operator sees it in logs and metrics.
 *
 * @kafka org.apache.kafka.common.utils.AppInfoParser
 */

export const CLIENT_SOFTWARE_NAME = 'annotated-kafka'
/** As in package.json; a test holds the two together. */
export const CLIENT_SOFTWARE_VERSION = '0.1.0'
