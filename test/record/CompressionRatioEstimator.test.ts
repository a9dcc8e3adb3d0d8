import { describe, expect, test } from 'vitest'
import {
  COMPRESSION_RATIO_DETERIORATE_STEP,
  COMPRESSION_RATIO_IMPROVING_STEP,
  CompressionRatioEstimator,
} from '../../src/record/CompressionRatioEstimator.ts'
import { CompressionType } from '../../src/record/CompressionType.ts'
import { covers } from '../support/covers.ts'

const { GZIP, ZSTD } = CompressionType

describe('CompressionRatioEstimator', () => {
  test.each([
    { current: 0.8, observed: 0.84, updated: 0.8 + COMPRESSION_RATIO_DETERIORATE_STEP },
    { current: 0.6, observed: 0.7, updated: 0.7 },
    { current: 0.6, observed: 0.4, updated: 0.6 - COMPRESSION_RATIO_IMPROVING_STEP },
    { current: 0.004, observed: 0.001, updated: 0.001 },
    { current: 0.5, observed: 0.5, updated: 0.5 },
  ])('an estimate of $current that meets $observed becomes $updated', (each) => {
    const estimator = new CompressionRatioEstimator()
    estimator.setEstimation('t', ZSTD, each.current)
    const updated = estimator.updateEstimation('t', ZSTD, each.observed)
    expect(updated).toBe(each.updated)
    expect(updated).toBeGreaterThanOrEqual(each.observed)
    expect(estimator.estimation('t', ZSTD)).toBe(updated)
    covers('CompressionRatioEstimatorTest.testUpdateEstimation')
  })

  test('a topic that was never seen is reckoned with 1', () => {
    expect(new CompressionRatioEstimator().estimation('new', GZIP)).toBe(1)
  })

  test('topics and codecs learn separately, and a reset forgets one topic', () => {
    const estimator = new CompressionRatioEstimator()
    estimator.setEstimation('a', GZIP, 0.2)
    estimator.setEstimation('b', GZIP, 0.3)
    expect(estimator.estimation('a', ZSTD)).toBe(1)
    estimator.resetEstimation('a')
    expect(estimator.estimation('a', GZIP)).toBe(1)
    expect(estimator.estimation('b', GZIP)).toBe(0.3)
  })

  test('two estimators know nothing of each other', () => {
    const [one, other] = [new CompressionRatioEstimator(), new CompressionRatioEstimator()]
    one.setEstimation('a', GZIP, 0.2)
    expect(other.estimation('a', GZIP)).toBe(1)
  })
})
