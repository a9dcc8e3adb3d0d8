/**
 * Balances of accounts, and how far the payments that made them have been read: one database, so
 * that both change together or not at all.
 *
 *     BEGIN
 *       balance of ada    + 5          the result
 *       payments-0: next  17 ─► 18     and where it came from
 *     COMMIT                           ◄─ here, and only here, the payment has happened
 *
 * Killed before the commit, neither is there, and the payment is read again. Killed after it, both
 * are, and reading goes on behind it. There is no moment between result and offset, which is what a
 * commit to Kafka cannot give: that is another system, reached before or after this one.
 *
 * I1  A partition's `next_offset` is the offset after the last payment that the balances hold.
 * I2  Offsets only move from where we believe them to be. If another process has taken the
 *     partition over meanwhile, the transaction fails and changes nothing.
 */

import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import sqlite from 'node-sqlite3-wasm'

export interface Payment {
  readonly account: string
  readonly amount: number
}

/** Where a payment stood. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

/** The moments of a payment between two of which a process may die. */
export type Step = 'begun' | 'balanced' | 'noted' | 'committed'

const TABLES = `
  CREATE TABLE IF NOT EXISTS balances (account TEXT PRIMARY KEY, amount INTEGER NOT NULL);
  CREATE TABLE IF NOT EXISTS offsets (
    topic TEXT NOT NULL, partition INTEGER NOT NULL, next_offset INTEGER NOT NULL,
    PRIMARY KEY (topic, partition)
  );`

export class Ledger {
  private readonly path: string
  private readonly db: sqlite.Database
  private readonly passed: (step: Step) => void

  /**
   * @param passed told of each step: for who wants to stop in the middle of one
   * @throws Error while another process has the ledger open
   */
  constructor(path: string, passed: (step: Step) => void = () => {}) {
    this.path = path
    this.passed = passed
    takeOver(path)
    this.db = new sqlite.Database(path)
    this.db.exec(TABLES)
  }

  /** Where to read on; `null` in a partition of which nothing is known yet. */
  nextOffset(topic: string, partition: number): number | null {
    const row = this.db.get('SELECT next_offset FROM offsets WHERE topic = ? AND partition = ?', [
      topic,
      partition,
    ])
    return row === null ? null : Number(row['next_offset'])
  }

  /** Takes one payment in, whole or not at all. */
  apply({ topic, partition, offset }: Place, { account, amount }: Payment): void {
    const expected = this.nextOffset(topic, partition)
    // Offsets may have gaps, where compaction or a transaction's marker was; but none goes back.
    if (expected !== null && offset < expected) return
    this.db.exec('BEGIN IMMEDIATE')
    try {
      this.passed('begun')
      this.db.run(
        `INSERT INTO balances VALUES (?, ?)
         ON CONFLICT (account) DO UPDATE SET amount = amount + excluded.amount`,
        [account, amount],
      )
      this.passed('balanced')
      this.moveOffset(topic, partition, expected, offset + 1)
      this.passed('noted')
      this.db.exec('COMMIT')
    } catch (error) {
      this.db.exec('ROLLBACK')
      throw error
    }
    this.passed('committed')
  }

  balances(): ReadonlyMap<string, number> {
    const rows = this.db.all('SELECT account, amount FROM balances ORDER BY account')
    return new Map(rows.map((row) => [String(row['account']), Number(row['amount'])]))
  }

  close(): void {
    this.db.close()
    rmSync(ownerFile(this.path))
  }

  /** I2. */
  private moveOffset(topic: string, partition: number, from: number | null, to: number): void {
    const { changes } =
      from === null
        ? this.db.run('INSERT OR IGNORE INTO offsets VALUES (?, ?, ?)', [topic, partition, to])
        : this.db.run(
            `UPDATE offsets SET next_offset = ?
             WHERE topic = ? AND partition = ? AND next_offset = ?`,
            [to, topic, partition, from],
          )
    if (changes !== 1) {
      throw new Error(`${topic}-${partition} is no longer at ${from}: somebody else has moved it`)
    }
  }
}

const ownerFile = (path: string): string => `${path}.owner`

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    // No such process.
    return false
  }
}

/**
 * A killed process leaves SQLite's lock behind. Whether its owner still lives, this file says; what
 * the half-done transaction wrote, SQLite takes back itself, from its journal.
 */
const takeOver = (path: string): void => {
  const owner = ownerFile(path)
  if (existsSync(owner)) {
    const pid = Number(readFileSync(owner, 'utf8'))
    if (isRunning(pid)) throw new Error(`${path} is open in process ${pid}: stop that one first`)
    rmSync(`${path}.lock`, { recursive: true, force: true })
  }
  writeFileSync(owner, String(process.pid))
}
