package paint

import "github.com/seed8935e608/residua/wasm/proto"

// filterScene is the stem's filters, large. Only they see colours, and so only they can be shown as pictures.
type filterScene struct {
	*model
	grid grid
}

func (s *filterScene) layout(w, h float64) panes {
	s.grid = layOutGrid(rect{0, 0, w, h}.inset(min(16, 0.03*w)), len(s.trace.Filters))
	return wholeCanvas(w, h)
}

func (s *filterScene) paintStatic(c *painter) {
	c.fillRect(c.clip, c.theme.paper)
	for i := range s.trace.Filters {
		r := c.box(s.grid.at(i))
		if i == s.state.Channel {
			c.edges(r, c.px(3), c.theme.x)
		}
		c.drawImage(&c.scaler, r, &s.trace.Filters[i], false)
	}
}

func (s *filterScene) paintDynamic(c *painter, d dynamic) {
	if d.hover.part == proto.PartFilter {
		c.highlight(c.box(s.grid.at(d.hover.index)))
	}
}

func (s *filterScene) damage(to *damage, zoom transform, from, now dynamic) {
	if from.hover == now.hover {
		return
	}
	for _, t := range [...]target{from.hover, now.hover} {
		if t.part == proto.PartFilter {
			to.add(zoom.rect(s.grid.at(t.index).inset(-4)))
		}
	}
}

func (s *filterScene) hit(zoom transform, p point, _ target) target {
	if i, ok := s.grid.find(zoom.inverse(p), len(s.trace.Filters)); ok {
		return filterTarget(i)
	}
	return noTarget
}

func filterTarget(i int) target {
	t := noTarget
	t.part, t.index, t.channel = proto.PartFilter, i, i
	return t
}

func (s *filterScene) step(from target, dx, dy int) target {
	if len(s.trace.Filters) == 0 {
		return noTarget
	}
	if from.part != proto.PartFilter {
		return filterTarget(0)
	}
	if to := from.index + dx + dy*s.grid.columns; to >= 0 && to < len(s.trace.Filters) {
		return filterTarget(to)
	}
	return from
}

func (s *filterScene) bounds(t target) (rect, bool) {
	return s.grid.at(max(t.index, 0)), t.part == proto.PartFilter
}

func (s *filterScene) labels(*labelList, transform) {}

// tips says the filter's number.
func (s *filterScene) tips(to *labelList, zoom transform, hover target) {
	if hover.part == proto.PartFilter {
		at := zoom.rect(s.grid.at(hover.index))
		to.add("view.tip.filter", at, 12, Start, Tip, values("channel", whole(hover.channel)))
	}
}
