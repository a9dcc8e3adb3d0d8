/**
 * Where something listens, before anybody has asked whether it does.
 *
 * @kafka java.net.InetSocketAddress
 */
export interface HostAndPort {
  readonly host: string
  readonly port: number
}
