/**
 * The first bytes of every batch, whatever its format: enough to find the next batch.
 *
 *     byte   0           8        12               16      17
 *            │ offset 8  │ size 4 │ (per format) 4 │ magic │ …
 *            └────── LOG_OVERHEAD ┘                        │
 *            └────────────── HEADER_SIZE_UP_TO_MAGIC ──────┘
 *
 * `size` counts what follows it, so a batch takes `LOG_OVERHEAD + size` bytes.
 *
 * @kafka org.apache.kafka.common.record.internal.Records
 */

export const Records = {
  OFFSET_OFFSET: 0,
  SIZE_OFFSET: 8,
  /** Bytes of offset and size. */
  LOG_OVERHEAD: 12,
  MAGIC_OFFSET: 16,
  HEADER_SIZE_UP_TO_MAGIC: 17,
} as const
