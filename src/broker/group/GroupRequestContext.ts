/**
 * Who asks the coordinator, as far as a group looks at it.
 *
 * @kafka org.apache.kafka.server.authorizer.AuthorizableRequestContext
 */

export interface GroupRequestContext {
  /** Of the API: older clients know fewer errors. */
  readonly requestVersion: number
  /** '' when the client does not name itself. */
  readonly clientId: string
  /** In Java's form: `/127.0.0.1`. */
  readonly clientAddress: string
}
