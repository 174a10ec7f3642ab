"""Colours by meaning; each reads on the light and on the dark page.

Blue, amber and vermilion stay apart for every common kind of colour blindness. There is no
red-against-green: on Taobao red means above the industry and green below.
"""

#: The one line or bar a chart is about.
ACCENT = "#2878BD"
#: Everything that is not the message: references, targets, the rest.
QUIET = "#8A94A0"
#: The quiet band between control limits.
BAND = "rgba(138, 148, 160, 0.16)"
FINE = "#2878BD"
ACT = "#D2540F"
#: The forecast's line and its two intervals, the wider one fainter.
FORECAST = "#2878BD"
FORECAST_80 = "rgba(40, 120, 189, 0.30)"
FORECAST_95 = "rgba(40, 120, 189, 0.14)"
#: Steps of one scale from little to much, for heat maps.
STEPS: tuple[tuple[float, str], ...] = (
    (0.0, "rgba(40, 120, 189, 0.06)"),
    (0.5, "rgba(40, 120, 189, 0.45)"),
    (1.0, "rgba(26, 78, 130, 1)"),
)
#: Further parts of a whole, in this order, when one chart must tell several apart.
PARTS: tuple[str, ...] = ("#2878BD", "#7B61A8", "#4FA3A5", "#8A94A0", "#D9920A", "#D2540F")
#: From five stars to one.
STARS: tuple[str, ...] = ("#2878BD", "#8FBBDD", "#B4BCC5", "#E3B04B", "#D2540F")
