"""The drawing room: charts as SVG from numbers, without matplotlib.

What may enter: a chart, or what charts share.

Each function takes numbers and texts that are ready to be shown (translated by the caller), and returns one
`<svg>` element to be put into a page, inside an element of the class `jstock`. It has no colour and no style
of its own: `styles/charts.css` gives both, in light, dark and print. None and NaN are gaps everywhere.

- `lines.line_chart(caption, sessions, lines, *, form, base, height)`: curves, as of equity
- `candles.candle_chart(caption, candles, *, averages, levels, marks, form)`: a stock's sessions and levels
- `small.sparkline(title, values, *, levels)`: a tiny curve with entry, stop and peak, under 600 bytes
- `small.distance_bar(title, *, price, stop, entry, peak, tone)`: where the price stands between stop and peak
- `small.score_bar(title, parts, *, full, threshold)`: the parts of a score, stacked
- `maps.heat_map(caption, rows, columns, cells, *, form, scale, gaps)`: months by years, with numbers
- `maps.calendar_map(caption, year, days, *, limit)`: the days of a year, each a link
- `columns.column_chart(caption, columns, *, form, height, toned)`: weekly flows, or a histogram
- `files.to_svg_file(svg, gain_colour)`: a chart as a file of its own, with its sheet
- `files.render_png(svg, scale, gain_colour)`: a chart as PNG, for mail

Values: `values.Caption`, `ChartLine`, `ChartLevel`, `ChartMark`, `Candles`, `BarPart`, `ChartColumn`,
`CalendarDay`.
Shared: `path` (compact path data), `scale` (scales, ticks), `labels` (widths, labels moved apart), `element`
(XML), `axes` (grid, dates, names at the right, watermark), `sheet` (the sheet for files and PNG).
"""
