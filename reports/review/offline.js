const dark = matchMedia('(prefers-color-scheme: dark)');
const charts = () => [...document.querySelectorAll('.plotly-graph-div')];
function ink(isDark) {
  const colour = isDark ? '#c4ccd6' : '#3d4855';
  for (const chart of charts()) Plotly.relayout(chart, {'font.color': colour});
}
function speak(language) {
  for (const main of document.querySelectorAll('main')) main.hidden = main.lang !== language;
  for (const button of document.querySelectorAll('nav button'))
    button.setAttribute('aria-pressed', String(button.value === language));
  document.documentElement.lang = language;
  for (const chart of charts()) if (chart.offsetParent) Plotly.Plots.resize(chart);
}
for (const button of document.querySelectorAll('nav button'))
  button.addEventListener('click', () => speak(button.value));
dark.addEventListener('change', event => ink(event.matches));
addEventListener('beforeprint', () => { ink(false);
  for (const chart of charts()) if (chart.offsetParent) Plotly.relayout(chart, {width: 680}); });
addEventListener('afterprint', () => { ink(dark.matches);
  for (const chart of charts()) Plotly.relayout(chart, {width: null, autosize: true}); });
ink(dark.matches);
speak(document.querySelector('main').lang);
