/**
 * The client's name and version, as it gave them in its ApiVersions request.
 *
 * @kafka org.apache.kafka.common.network.ClientInformation
 */
export class ClientInformation {
  static readonly UNKNOWN_NAME_OR_VERSION = 'unknown'
  static readonly EMPTY = new ClientInformation('', '')

  readonly softwareName: string
  readonly softwareVersion: string

  constructor(softwareName: string, softwareVersion: string) {
    const unknown = ClientInformation.UNKNOWN_NAME_OR_VERSION
    this.softwareName = softwareName === '' ? unknown : softwareName
    this.softwareVersion = softwareVersion === '' ? unknown : softwareVersion
  }

  equals(other: ClientInformation): boolean {
    return (
      this.softwareName === other.softwareName && this.softwareVersion === other.softwareVersion
    )
  }

  toString(): string {
    const { softwareName, softwareVersion } = this
    return `ClientInformation(softwareName=${softwareName}, softwareVersion=${softwareVersion})`
  }
}
