/**
 * A text that must not show up in a log: every way of printing it gives `[hidden]`.
 *
 * @kafka org.apache.kafka.common.config.types.Password
 */
export class Password {
  static readonly HIDDEN = '[hidden]'

  // A private field is not shown by debuggers' previews, console.log or JSON.
  readonly #value: string

  constructor(value: string) {
    this.#value = value
  }

  /** The real text. */
  value(): string {
    return this.#value
  }

  equals(other: Password): boolean {
    return this.#value === other.#value
  }

  toString(): string {
    return Password.HIDDEN
  }

  toJSON(): string {
    return Password.HIDDEN
  }
}
