/**
 * The engine of all labs, as one chunk: the clients, the cluster and the recorder. Loaded by
 * `useLab` when the first lab comes into view, never before.
 */

export { LabSession } from '../../../../lab/LabSession.ts'
