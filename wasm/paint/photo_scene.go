package paint

import "github.com/seed8935e608/residua/wasm/proto"

// photoScene is the photo as the network gets it, large, with what lies over it.
type photoScene struct {
	photo, scale rect
}

func (s *photoScene) arrange(v *View) {
	m := min(max(0.02*min(v.width(), v.height()), 4), 16)
	room := rect{m, m, v.width() - 2*m, v.height() - 2*m - legendHigh - 6}
	s.photo = room.square()
	wide := min(s.photo.w, 320)
	s.scale = rect{s.photo.x + (s.photo.w-wide)/2, s.photo.bottom() + 8, wide, legendBar}
}

func (s *photoScene) window(v *View) rect                     { return rect{0, 0, v.width(), v.height()} }
func (s *photoScene) content(v *View) rect                    { return s.window(v) }
func (s *photoScene) local(_ *View, p point) (point, bool)    { return p, true }
func (s *photoScene) touched(*View, target)                   {}
func (s *photoScene) live(*View, *canvas)                     {}
func (s *photoScene) place(_ *View, t target) (rect, bool)    { return s.photo, t.part == proto.PartPhoto }
func (s *photoScene) step(_ *View, t target, _, _ int) target { return t }

func (s *photoScene) still(v *View, c *canvas) {
	c.fillRect(c.clip, v.theme.paper)
	v.paintPhoto(c, s.photo)
	if over, ok := v.heat(); ok {
		v.legend(c, s.scale, over.scale)
	}
}

func (s *photoScene) hit(v *View, on point) target {
	t := nowhere
	if p := v.glass.from(on); s.photo.has(p) {
		v.overPhoto(&t, s.photo, p)
	}
	return t
}

func (s *photoScene) words(v *View) {
	if over, ok := v.heat(); ok {
		r := v.glass.rect(s.scale)
		third := r.w / 3 // the middle one is for what is pointed at
		v.label("view.value", rect{r.x, r.bottom() + 2, third, 14}, 11, Start, Quiet, map[string]Value{"value": number(float64(over.scale.Lo), Short)})
		v.label("view.value", rect{r.x + 2*third, r.bottom() + 2, third, 14}, 11, End, Quiet, map[string]Value{"value": number(float64(over.scale.Hi), Short)})
	}
}

// tips says the value under the pointer, in the middle of the legend.
func (s *photoScene) tips(v *View) {
	if t := v.pointed; t.part == proto.PartPhoto && t.known {
		r := v.glass.rect(s.scale)
		v.label("view.value", rect{r.x + r.w/3, r.bottom() + 2, r.w / 3, 14}, 12, Middle, Strong,
			map[string]Value{"value": number(t.value, Short)})
	}
}

func (s *photoScene) grips(v *View) []rect { return []rect{s.window(v)} }
