/**
 * From a host name to the addresses to connect to: a seam, for machines where the name in the
 * metadata is not the one to dial (containers, tunnels), and for tests.
 *
 * @kafka org.apache.kafka.clients.HostResolver
 * @kafka org.apache.kafka.clients.DefaultHostResolver
 */

import { IOException } from '../common/errors.ts'

export interface HostResolver {
  /** Addresses in the order of trying, at least one. Throws an `UnknownHostException`. */
  resolve(host: string): readonly string[]
}

/** No address is known by this name. */
export class UnknownHostException extends IOException {}

/**
 * Leaves names to the socket, which resolves them without stopping the loop and tries each address.
 *
 * @simplified Java resolves here, blocking, and walks through the addresses one connection attempt
 *   at a time.
 */
export class DefaultHostResolver implements HostResolver {
  resolve(host: string): readonly string[] {
    return [host]
  }
}

/** The addresses of the first one's family: IPv4 and IPv6 are not mixed. */
export const preferredAddresses = (addresses: readonly string[]): readonly string[] => {
  const isIpv6 = (address: string): boolean => address.includes(':')
  return addresses.filter((address) => isIpv6(address) === isIpv6(addresses[0]!))
}
