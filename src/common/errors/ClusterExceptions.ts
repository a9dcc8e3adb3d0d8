/**
 * The failures that brokers, controllers and the newer kinds of groups can name on the wire, and
 * the few that only tools meet.
 *
 * A client of this project has to know them even so: an answer may carry any code, and a code
 * without a class would lose what it says. The tree is drawn at the top of `ApiExceptions.ts`; the
 * codes are in `protocol/Errors.ts`.
 *
 * @kafka org.apache.kafka.common.errors.NotControllerException and those around it
 */

import { ApiException, InvalidMetadataException, RetriableException } from '../errors.ts'
import { AuthorizationException } from './ApiExceptions.ts'

// ---- controller and brokers

/** Asked a broker or node that is not the active controller. */
export class NotControllerException extends RetriableException {}
/** The one who asks is a controller of the past. */
export class ControllerMovedException extends ApiException {}
/** The broker was restarted since. */
export class StaleBrokerEpochException extends ApiException {}
/** Two brokers with one `node.id`. */
export class DuplicateBrokerRegistrationException extends ApiException {}
/** The controller does not know this broker. */
export class BrokerIdNotRegisteredException extends ApiException {}
/** What the broker says of itself cannot be. */
export class InvalidRegistrationException extends ApiException {}
/** The cluster id is another one: wrong address, or wrong disk. */
export class InconsistentClusterIdException extends ApiException {}
/** The controller has no such id. */
export class UnknownControllerIdException extends ApiException {}
/** A request for controllers at a broker's port, or the other way round. */
export class MismatchedEndpointTypeException extends ApiException {}
/** This kind of endpoint cannot be asked for here. */
export class UnsupportedEndpointTypeException extends ApiException {}
/** A directory that is not among the broker's `log.dirs`. */
export class LogDirNotFoundException extends ApiException {}
/** A resource that was named does not exist. */
export class ResourceNotFoundException extends ApiException {}
/** One request names the same resource twice. */
export class DuplicateResourceException extends ApiException {}
/** The new version of a record is not above the old one. */
export class InvalidUpdateVersionException extends ApiException {}
/** A cluster-wide feature could not be changed. */
export class FeatureUpdateFailedException extends ApiException {}
/** The identity inside a forwarded request cannot be read. */
export class PrincipalDeserializationException extends ApiException {}

// ---- elections and reassignments

/** The preferred leader cannot lead just now. */
export class PreferredLeaderNotAvailableException extends InvalidMetadataException {}
/** No replica may lead this partition just now. */
export class EligibleLeadersNotAvailableException extends InvalidMetadataException {}
/** The right broker leads already. */
export class ElectionNotNeededException extends InvalidMetadataException {}
/** A broker in the proposed in-sync set may not be there. */
export class IneligibleReplicaException extends ApiException {}
/** The change was made, and made another broker the leader. */
export class NewLeaderElectedException extends ApiException {}
/** The partition is being moved. */
export class ReassignmentInProgressException extends ApiException {}
/** There is no move to be cancelled. */
export class NoReassignmentInProgressException extends ApiException {}

// ---- the controllers' quorum

/** One side of the request is not a voter in the other's eyes. */
export class InconsistentVoterSetException extends ApiException {}
/** The voter's key is not that of the replica which was reached. */
export class InvalidVoterKeyException extends ApiException {}
/** Is a voter already. */
export class DuplicateVoterException extends ApiException {}
/** Is no voter. */
export class VoterNotFoundException extends ApiException {}
/** There is no such snapshot. */
export class SnapshotNotFoundException extends ApiException {}
/** A position outside the snapshot. */
export class PositionOutOfRangeException extends ApiException {}

// ---- credentials and delegation tokens

/** The credential to be stored is too weak or malformed. */
export class UnacceptableCredentialException extends ApiException {}
/** This kind of principal is not known. */
export class InvalidPrincipalTypeException extends ApiException {}
/** The broker has no secret key for tokens. */
export class DelegationTokenDisabledException extends ApiException {}
/** There is no such token. */
export class DelegationTokenNotFoundException extends ApiException {}
/** The token belongs to somebody else. */
export class DelegationTokenOwnerMismatchException extends ApiException {}
/** Tokens can only be asked for on a connection that was authenticated in another way. */
export class UnsupportedByAuthenticationException extends ApiException {}
/** Not allowed to handle tokens. */
export class DelegationTokenAuthorizationException extends AuthorizationException {}
/** The token's time is over. */
export class DelegationTokenExpiredException extends ApiException {}

// ---- client telemetry

/** The client's subscription is an old one. */
export class UnknownSubscriptionIdException extends ApiException {}
/** More metrics than the broker takes in one push. */
export class TelemetryTooLargeException extends ApiException {}

// ---- share groups

/** The record to be acknowledged is not in the hands of this consumer. */
export class InvalidRecordStateException extends ApiException {}
/** The broker has forgotten this share session. */
export class ShareSessionNotFoundException extends RetriableException {}
/** A request of a share session came twice, or one was lost. */
export class InvalidShareSessionEpochException extends RetriableException {}
/** The broker has as many share sessions as it allows. */
export class ShareSessionLimitReachedException extends RetriableException {}
/** The share coordinator has a newer epoch of this state. */
export class FencedStateEpochException extends ApiException {}

// ---- Streams groups

/** The topology cannot be. */
export class StreamsInvalidTopologyException extends ApiException {}
/** The topology's epoch cannot be. */
export class StreamsInvalidTopologyEpochException extends ApiException {}
/** The group has a newer topology. */
export class StreamsTopologyFencedException extends ApiException {}
