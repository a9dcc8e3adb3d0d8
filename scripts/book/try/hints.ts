/**
 * The hints of an exercise, from the chapter's page:
 *
 *     :::: exercise 1
 *     What to do.
 *
 *     ::: hint
 *     Where to look.
 *     :::
 *     ::::
 */

/** The hints as Markdown, in order; none when the page does not have the exercise. */
export const hintsOf = (markdown: string, number: number): readonly string[] => {
  const lines = markdown.split('\n')
  const start = lines.findIndex((line) =>
    new RegExp(`^:{3,}\\s*exercise\\s+0?${number}\\s*$`).test(line),
  )
  if (start < 0) return []
  const fence = /^:+/.exec(lines[start]!)![0]
  const end = lines.indexOf(fence, start + 1)
  const hints: string[] = []
  let hint: string[] | null = null
  for (const line of lines.slice(start + 1, end < 0 ? undefined : end)) {
    if (/^:{3,}\s*hint\b/.test(line)) hint = []
    else if (/^:{3,}\s*$/.test(line) && hint !== null) {
      hints.push(hint.join('\n').trim())
      hint = null
    } else hint?.push(line)
  }
  return hints
}
