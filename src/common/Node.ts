/**
 * A broker as clients know it: an id, and where it listens.
 *
 * @kafka org.apache.kafka.common.Node
 */
export class Node {
  /** Stands for "no broker", for example a partition without leader. */
  static readonly NO_NODE = new Node(-1, '', -1)

  readonly id: number
  readonly host: string
  readonly port: number
  readonly rack: string | null

  constructor(id: number, host: string, port: number, rack: string | null = null) {
    this.id = id
    this.host = host
    this.port = port
    this.rack = rack
  }

  /** What connections are keyed by; bootstrap nodes have negative ids. */
  idString(): string {
    return String(this.id)
  }

  isEmpty(): boolean {
    return this.host === '' || this.port < 0
  }

  equals(other: Node): boolean {
    return (
      this.id === other.id &&
      this.host === other.host &&
      this.port === other.port &&
      this.rack === other.rack
    )
  }

  toString(): string {
    const rack = this.rack === null ? '' : ` rack: ${this.rack}`
    return `${this.host}:${this.port} (id: ${this.id}${rack})`
  }
}
