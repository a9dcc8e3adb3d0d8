/**
 * How much detail is recorded: a sensor has a level, and so has the configuration.
 *
 *     sensor    config INFO   config DEBUG   config TRACE
 *     INFO          ✓              ✓              ✓
 *     DEBUG                        ✓              ✓
 *     TRACE                                       ✓
 *
 * @kafka org.apache.kafka.common.metrics.Sensor.RecordingLevel
 */

import { IllegalArgumentException } from '../errors.ts'

/** From the coarsest to the finest. */
export const RECORDING_LEVELS = ['INFO', 'DEBUG', 'TRACE'] as const
export type RecordingLevel = (typeof RECORDING_LEVELS)[number]

/** Whether a sensor of level `sensor` records where `configured` was asked for. */
export const shouldRecord = (sensor: RecordingLevel, configured: RecordingLevel): boolean =>
  RECORDING_LEVELS.indexOf(sensor) <= RECORDING_LEVELS.indexOf(configured)

/** @throws IllegalArgumentException when it names none; case does not matter */
export const recordingLevelOf = (name: string): RecordingLevel => {
  const level = RECORDING_LEVELS.find((each) => each === name.toUpperCase())
  if (level !== undefined) return level
  throw new IllegalArgumentException(
    `'${name}' is no recording level; there are ${RECORDING_LEVELS.join(', ')}`,
  )
}
