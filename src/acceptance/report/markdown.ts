/** The report as Markdown, in lines that can be read on 80 columns. */
import type { Outcome } from '../recording/recording.ts'
import type { AnsweredQuestion } from './answered-question.ts'
import type { Report } from './report.ts'

const width = 78

const outcomes: Readonly<Record<Outcome, string>> = {
  complete: 'The run was made to its end.',
  read_only: 'The run was read-only: nothing was moved.',
  declined: 'The run was not allowed to move the call: nothing was moved.',
  not_moved: 'The call was not moved.',
  stopped: 'The run was stopped half way.',
}

/** Breaks a text into lines between words. A word that is longer than a line stays whole. */
function wrap(text: string, indent = ''): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(lines.length === 0 ? word : `${indent}${word}`)
  }
  return lines
}

const escape = (text: string): string => text.replaceAll(/[<>|*]/g, String.raw`\$&`)

function formatAnswer(answer: AnsweredQuestion, index: number): string[] {
  const origin = answer.readme === undefined ? '' : ` (README, question ${answer.readme})`
  const text = answer.status === 'answered' ? `**${escape(answer.text)}**` : `Unanswered: ${escape(answer.why)}.`
  const needs = answer.status === 'answered' ? [] : ['', ...wrap(`To answer it, a run needs: ${escape(answer.needs)}.`)]
  return ['', `### ${index + 1}. ${escape(answer.asks)}`, '', ...wrap(text), ...needs, '', `\`${answer.id}\`${origin}`]
}

/** Formats a report. */
export function formatMarkdown(report: Report): string {
  const { startedAt, outcome, reason, callState, commands, answers, settings } = report
  const open = answers.filter(({ status }) => status === 'unanswered').length
  return [
    '# Acceptance report',
    '',
    ...wrap(`${outcomes[outcome]}${reason === undefined ? '' : ` Reason: ${escape(reason)}.`}`),
    '',
    `- started: ${startedAt}`,
    `- answered: ${answers.length - open} of ${answers.length} questions`,
    `- commands that could move the call: ${commands}`,
    ...wrap(`- the call now: ${escape(callState)}`, '  '),
    '',
    '## Settings that follow',
    '',
    ...settings.flatMap(({ name, value, because }) => wrap(`- \`${name}\`: \`${value}\`, because ${escape(because)}`, '  ')),
    '',
    '## Answers',
    ...answers.flatMap(formatAnswer),
    '',
    ...wrap('Numbers, names and ids in `recording.json` are replaced, the same one always by the same replacement.'),
    '',
  ].join('\n')
}
