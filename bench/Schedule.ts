/**
 * Keeps a long run within its time: a machine that is slower than expected makes fewer rounds.
 *
 *     planned   ├──── workload 1 ────┼──── workload 2 ────┼── 3 ──┤
 *     time      ├────────────────── budget ───────────────────────┤
 *
 * Before a round one asks whether there is time for it. There is, as long as no more of the budget
 * is used up than of the plan. Rounds that are left out count as done, so a workload that took too
 * long shortens itself, and not all that follow.
 *
 * I1  `LEAST_ROUNDS` are made, whatever they take: fewer have no median worth the name.
 */

export const LEAST_ROUNDS = 3

export class Schedule {
  private readonly startedMs: number
  private readonly budgetMs: number
  private readonly planned: number
  private readonly nowMs: () => number
  private done = 0

  /**
   * @param budgetMs for everything; `Infinity`: nothing is left out
   * @param planned runs in all
   */
  constructor(budgetMs: number, planned: number, nowMs = () => performance.now()) {
    this.budgetMs = budgetMs
    this.planned = planned
    this.nowMs = nowMs
    this.startedMs = nowMs()
  }

  /** Whether round `round`, counted from 0, should be made. */
  hasTimeFor(round: number): boolean {
    if (round < LEAST_ROUNDS) return true
    const used = (this.nowMs() - this.startedMs) / this.budgetMs
    return used <= this.done / this.planned
  }

  /** So many runs are behind us, made or left out. */
  passed(runs: number): void {
    this.done += runs
  }
}
