/**
 * No broker can be asked at this moment: none is known, or all connections have just failed. Worth
 * another try.
 *
 * @kafka org.apache.kafka.clients.consumer.internals.NoAvailableBrokersException
 */

import { InvalidMetadataException } from '../../common/errors.ts'

export class NoAvailableBrokersException extends InvalidMetadataException {}
