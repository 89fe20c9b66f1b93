package paint

import "github.com/seed8935e608/residua/wasm/proto"

// filterScene is the stem's filters, large: the only ones that see colours, and so the only ones that can be shown as pictures.
type filterScene struct{ grid grid }

func (s *filterScene) arrange(v *View) {
	s.grid = layGrid(rect{0, 0, v.width(), v.height()}.inset(min(16, 0.03*v.width())), len(v.trace.Filters))
}

func (s *filterScene) window(v *View) rect                  { return rect{0, 0, v.width(), v.height()} }
func (s *filterScene) content(v *View) rect                 { return s.window(v) }
func (s *filterScene) local(_ *View, p point) (point, bool) { return p, true }
func (s *filterScene) words(*View)                          {}

func (s *filterScene) still(v *View, c *canvas) {
	c.fillRect(c.clip, v.theme.paper)
	for i := range v.trace.Filters {
		r := v.box(s.grid.at(i))
		if i == v.state.Channel {
			c.edges(r, v.px(3), v.theme.x)
		}
		c.photo(&v.scaler, r, &v.trace.Filters[i], false)
	}
}

func (s *filterScene) live(v *View, c *canvas) {
	if t := v.pointed; t.part == proto.PartFilter {
		v.frame(c, v.box(s.grid.at(t.place)))
	}
}

func (s *filterScene) hit(v *View, on point) target {
	if i, ok := s.grid.find(v.glass.from(on), len(v.trace.Filters)); ok {
		return filterTarget(i)
	}
	return nowhere
}

func filterTarget(i int) target {
	t := nowhere
	t.part, t.place, t.channel = proto.PartFilter, i, i
	return t
}

func (s *filterScene) touched(v *View, t target) {
	if t.part == proto.PartFilter {
		v.soil(s.grid.at(t.place).inset(-4))
	}
}

func (s *filterScene) step(v *View, from target, dx, dy int) target {
	if len(v.trace.Filters) == 0 {
		return nowhere
	}
	if from.part != proto.PartFilter {
		return filterTarget(0)
	}
	if to := from.place + dx + dy*s.grid.columns; to >= 0 && to < len(v.trace.Filters) {
		return filterTarget(to)
	}
	return from
}

func (s *filterScene) place(_ *View, t target) (rect, bool) {
	return s.grid.at(max(t.place, 0)), t.part == proto.PartFilter
}

// tips says the filter's number.
func (s *filterScene) tips(v *View) {
	if t := v.pointed; t.part == proto.PartFilter {
		v.label("view.tip.filter", v.glass.rect(s.grid.at(t.place)), 12, Start, Tip, map[string]Value{"channel": whole(t.channel)})
	}
}

func (s *filterScene) grips(v *View) []rect { return []rect{s.window(v)} }
