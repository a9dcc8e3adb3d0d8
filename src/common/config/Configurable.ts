/**
 * What a client makes from a class in its settings, such as an interceptor, may want the settings.
 *
 * @kafka org.apache.kafka.common.Configurable
 */
export interface Configurable {
  /** @param configs all settings as given, unknown ones included */
  configure(configs: Readonly<Record<string, unknown>>): void
}
