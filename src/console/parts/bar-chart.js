/** A chart of stacked bars over time, with a line for what was there before; also as a table, for those who cannot see it. */
import { formatCount } from '../format.js'
import { html } from '../html.js'

/** The end of the scale: a number whose half is a whole one, too. */
function roundUp(count) {
  const power = 10 ** Math.floor(Math.log10(Math.max(count, 10)))
  return [1, 2, 3, 4, 5, 6, 8, 10].map((step) => step * power).find((end) => end >= count)
}

/**
 * @param series each with name, label, tone
 * @param bars each with label, values by the name of a series, and `before`: the total of the earlier time, null if there is none
 */
export function BarChart({ title, series, bars }) {
  const totalOf = ({ values }) => series.reduce((sum, { name }) => sum + (values[name] ?? 0), 0)
  const most = roundUp(Math.max(...bars.flatMap((bar) => [totalOf(bar), bar.before ?? 0])))
  const height = (count) => `${((count / most) * 100).toFixed(2)}%`
  return html`<figure class="chart">
    <figcaption class="visually-hidden">${title}</figcaption>
    <div class="chart-scale" aria-hidden="true"><span>${formatCount(most)}</span><span>${formatCount(most / 2)}</span><span>0</span></div>
    <div class="chart-bars" aria-hidden="true">
      ${bars.map(
        (bar) =>
          html`<div
            class="chart-bar"
            title="${bar.label}: ${formatCount(totalOf(bar))}${bar.before === null ? '' : `, a week ago ${formatCount(bar.before)}`}"
          >
            <div class="chart-stack">
              ${series.map(({ name, tone }) => bar.values[name] > 0 && html`<i class="fill ${tone}" style=${{ height: height(bar.values[name]) }}></i>`)}
              ${bar.before > 0 && html`<b style=${{ bottom: height(bar.before) }}></b>`}
            </div>
            <span>${bar.label}</span>
          </div>`,
      )}
    </div>
    <ul class="legend" aria-hidden="true">
      ${series.map(({ label, tone }) => html`<li><i class="fill ${tone}"></i>${label}</li>`)}
      <li><b></b>A week ago</li>
    </ul>
    <details>
      <summary>As a table</summary>
      <div class="table-box" role="region" aria-label=${title} tabindex="0">
        <table>
          <thead>
            <tr>
              <th scope="col">From</th>
              ${series.map(({ label }) => html`<th scope="col">${label}</th>`)}
              <th scope="col">A week ago</th>
            </tr>
          </thead>
          <tbody>
            ${bars.map(
              (bar) =>
                html`<tr>
                  <th scope="row">${bar.label}</th>
                  ${series.map(({ name }) => html`<td>${formatCount(bar.values[name] ?? 0)}</td>`)}
                  <td>${bar.before === null ? '–' : formatCount(bar.before)}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>
  </figure>`
}
