/**
 * A place to turn a number into bytes and back, used again for every number.
 *
 * A `DataView` does that, and needs an `ArrayBuffer`. A small typed array has none until somebody
 * asks for it; then its bytes are moved to memory of their own, which takes ten times as long as
 * writing them. A serializer runs for every record, so it writes here and copies.
 *
 * It belongs to one serializer, and nothing is awaited between writing and copying.
 */
export class EightBytes {
  readonly view = new DataView(new ArrayBuffer(8))
  private readonly bytes = new Uint8Array(this.view.buffer)

  /** What the first `size` bytes are now, in an array of their own. */
  copy(size: number): Uint8Array {
    const copied = new Uint8Array(size)
    const { bytes } = this
    for (let i = 0; i < size; i++) copied[i] = bytes[i]!
    return copied
  }

  /** Puts `data`, at most 8 bytes, in place to be read. */
  load(data: Uint8Array): DataView {
    const { bytes } = this
    for (let i = 0; i < data.length; i++) bytes[i] = data[i]!
    return this.view
  }
}
