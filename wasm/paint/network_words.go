package paint

import (
	"fmt"
	"strconv"

	"github.com/seed8935e608/residua/wasm/proto"
)

// The signs that the key explains, in its order; the last one is there after a sweep. Each has a sentence "view.key." + its name.
var allSigns = []string{"shortcut", "residual", "project", "sum", "ratio", "cosine", "sweep"}

// signs are those that are on the canvas.
func (s *networkScene) signs() []string {
	if s.sweep {
		return allSigns
	}
	return allSigns[:len(allSigns)-1]
}

// keyPlan lays the key: the place of each sign and of its words.
func (s *networkScene) keyPlan() (marks, texts []rect) {
	r, signs := s.key, s.signs()
	columns := 2
	if r.w < 280 {
		columns = 1
	}
	rows := (len(signs) + columns - 1) / columns
	high := min(r.h/float64(rows), 40)
	y := r.y + (r.h-high*float64(rows))/2
	wide := r.w / float64(columns)
	mark := min(max(0.2*wide, 18), 36)
	for i := range signs {
		at := rect{r.x + float64(i/rows)*wide, y + float64(i%rows)*high, mark, high}
		marks = append(marks, at)
		texts = append(texts, rect{at.right() + 6, at.y, wide - mark - 10, high})
	}
	return marks, texts
}

// paintKey paints the signs as they look on the way.
func (s *networkScene) paintKey(v *View, c *canvas) {
	t, u := v.theme, v.unit()
	marks, _ := s.keyPlan()
	signs := s.signs()
	for i, r := range marks {
		mid := r.middle()
		left, right := v.point(point{r.x, mid.y}), v.point(point{r.right(), mid.y})
		high := min(0.42*r.h, 12)
		body := rect{r.x + 0.15*r.w, mid.y - high/2, 0.7 * r.w, high}
		switch signs[i] {
		case "shortcut":
			v.straight(c, left, right, 4*u, t.x)
		case "residual":
			v.straight(c, left, right, 2.5*u, t.f)
			c.frame(v.box(body), v.px(3), v.px(1.5), t.f, t.fWash)
		case "project":
			v.straight(c, left, right, 3*u, t.x)
			c.frame(v.box(body.inset(high*0.15)), v.px(2), v.px(1.5), t.x, t.xWash)
		case "sum":
			at, radius := v.point(mid), min(0.3*r.h, 8)
			c.circle(at, radius*u, t.ink2)
			c.circle(at, (radius-1.25)*u, t.card)
			v.paintPlus(c, at, radius)
		case "ratio":
			bar := rect{r.x, mid.y - 2.5, r.w, 5}
			v.paintBar(c, bar, 0, 0.4, t.f)
			v.tick(c, bar, 1/s.ratioFull)
		case "cosine":
			bar := rect{r.x, mid.y - 2.5, r.w, 5}
			v.paintBar(c, bar, 0.5, 0.8, t.ink2)
			v.tick(c, bar, 0.5)
		case "sweep":
			s.paintLeft(v, c, rect{r.x, mid.y - 2.5, r.w, 5}, 0.8, 0.4)
		}
	}
}

func (s *networkScene) words(v *View) {
	l := v.glass
	for i := range s.cells {
		at := &s.cells[i]
		x := at.head.x + 6
		if at.part != proto.PartBlock { // as its picture begins
			x = s.pictured(v, i).x
		}
		head := l.rect(rect{x, at.head.y, at.head.right() - x - 2, at.head.h})
		switch at.part {
		case proto.PartPhoto:
			v.label("view.photo", head, 12, Start, Quiet, nil)
		case proto.PartFilter:
			key := "view.filters"
			if head.w < 110 {
				key += ".short"
			}
			v.label(key, head, 12, Start, Quiet, map[string]Value{"count": whole(len(v.trace.Filters))})
		case proto.PartStem:
			v.label("view.stem", head, 12, Start, Quiet, nil)
		case proto.PartFeatures:
			key := "view.features"
			if head.w < 110 {
				key += ".short"
			}
			v.label(key, head, 12, Start, Quiet, map[string]Value{"count": whole(len(v.trace.Features.Bytes))})
		case proto.PartClass:
			v.label("view.answer", head, 12, Start, Quiet, nil)
			s.nameClasses(v, at)
		case proto.PartBlock:
			s.nameBlock(v, at, head)
		}
	}
	if !s.key.empty() {
		_, texts := s.keyPlan()
		short := ""
		if texts[0].w < 140 {
			short = ".short"
		}
		for i, r := range texts {
			v.label("view.key."+s.signs()[i]+short, l.rect(r), 12, Start, Quiet, map[string]Value{"full": number(s.ratioFull, Short)})
		}
	}
}

func (s *networkScene) nameClasses(v *View, at *cell) {
	r := s.picture(*at)
	for k, class := range v.trace.Top[:s.classes] {
		row := s.classRow(r, k)
		tone := Quiet
		if k == 0 {
			tone = Strong
		}
		text := v.glass.rect(rect{row.x, row.y, row.w, row.h * 0.62})
		share := min(64/text.w, 0.5) // of the number, "> 99.9%" at most
		v.label("view.class", rect{text.x, text.y, text.w * (1 - share), text.h}, 13, Start, tone, map[string]Value{"label": word(class.Label)})
		v.label("view.percent", rect{text.x + text.w*(1-share), text.y, text.w * share, text.h}, 13, End, tone,
			map[string]Value{"value": number(float64(class.Probability), Percent)})
	}
}

// nameBlock names a block: the first of a stage says the stage's size too.
func (s *networkScene) nameBlock(v *View, at *cell, head rect) {
	b := &v.trace.Blocks[at.block]
	index := v.indexOf(at.block)
	values := map[string]Value{"stage": whole(b.Stage), "index": word(strconv.Itoa(index))}
	switch {
	case index > 1:
		v.label("view.block", head, 12, Start, Quiet, values)
	case head.w < 48: // a deep network on a phone
		v.label("view.block", head, 12, Start, Strong, values)
	case head.w < 150:
		v.label("view.stage.short", head, 12, Start, Strong, map[string]Value{"stage": whole(b.Stage)})
	default:
		v.label("view.stage", head, 12, Start, Strong, map[string]Value{
			"stage": whole(b.Stage), "height": whole(b.Height), "width": whole(b.Width), "channels": whole(b.Channels)})
	}
	p := layBlock(at.rect, s.sweep)
	f := v.glass.rect(p.f)
	if v.ablation(at.block) != proto.AblateResidual {
		v.label("view.f", f, min(0.62*f.h, 14), Middle, ToneF, nil)
	}
	if b.Projection {
		r := v.glass.rect(p.project)
		v.label("view.project", r, min(0.8*r.h, 0.45*r.w, 12), Middle, ToneX, nil)
	}
}

// indexOf is a block's place in its stage, from 1.
func (v *View) indexOf(block int) int {
	index := 1
	for k := block; k > 0 && v.trace.Blocks[k-1].Stage == v.trace.Blocks[block].Stage; k-- {
		index++
	}
	return index
}

// tips says what is pointed at.
func (s *networkScene) tips(v *View) {
	t := v.pointed
	i := s.cellOf(t)
	if i < 0 {
		return
	}
	at := s.cells[i]
	about := v.glass.rect(at.rect)
	if r, ok := s.tileOf(v, at, t); ok {
		about = v.glass.rect(r)
	}
	values := map[string]Value{"channel": whole(t.channel), "value": number(t.value, Short)}
	key := ""
	switch t.part {
	case proto.PartBlock, proto.PartResidual, proto.PartShortcut:
		b := &v.trace.Blocks[t.block]
		values["name"] = word(fmt.Sprintf("%d.%d", b.Stage, v.indexOf(t.block))) // as its label says
		values["ratio"], values["cosine"] = number(ratioOf(b), Fixed), number(float64(b.Cosine), Fixed)
		plan := layBlock(at.rect, s.sweep)
		switch {
		case t.part == proto.PartResidual:
			key, about = "view.tip.residual", v.glass.rect(plan.f)
		case t.part == proto.PartShortcut && b.Projection:
			key, about = "view.tip.projection", v.glass.rect(s.shortcutBox(plan))
		case t.part == proto.PartShortcut:
			key, about = "view.tip.shortcut", v.glass.rect(s.shortcutBox(plan))
		case t.place >= 0:
			key = "view.tip.tile"
		case s.sweep:
			key = "view.tip.sweep"
			values["probability"] = number(float64(v.sweep.Without[t.block]), Percent)
			values["base"] = number(float64(v.sweep.Base), Percent)
		default:
			key = "view.tip.block"
		}
	case proto.PartFilter, proto.PartStem:
		if t.place >= 0 {
			key = "view.tip." + string(t.part)
		}
	case proto.PartFeatures:
		if t.known {
			key = "view.tip.features"
		}
	}
	if key != "" {
		v.label(key, about, 12, Start, Tip, values)
	}
}
