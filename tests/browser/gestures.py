"""One stroke through the points ``[(x, y)]`` of a page, in its own pixels: by mouse, by finger, by pen."""


def by_mouse(page, points):
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point)
    page.mouse.up()


def by_touch(page, points):
    send = page.context.new_cdp_session(page).send
    for event, (x, y) in zip(["touchStart", *["touchMove"] * (len(points) - 1)], points, strict=True):
        send("Input.dispatchTouchEvent", {"type": event, "touchPoints": [{"x": x, "y": y}]})
    send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def by_pen(page, points):
    send = page.context.new_cdp_session(page).send
    common = {"pointerType": "pen", "button": "left", "clickCount": 1}
    events = ["mousePressed", *["mouseMoved"] * (len(points) - 1), "mouseReleased"]
    for event, (x, y) in zip(events, [*points, points[-1]], strict=True):
        held = 0 if event == "mouseReleased" else 1
        send("Input.dispatchMouseEvent", {"type": event, "x": x, "y": y, "buttons": held, **common})
