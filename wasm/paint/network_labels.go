package paint

import (
	"fmt"
	"strconv"

	"github.com/seed8935e608/residua/wasm/proto"
)

// allLegendSigns are the signs that the legend explains, in its order; the last one only after a sweep. Each has a text
// "view.key." + its name.
var allLegendSigns = []string{"shortcut", "residual", "project", "sum", "ratio", "cosine", "sweep"}

// legendSigns are those that are on the canvas.
func (s *networkScene) legendSigns() []string {
	switch {
	case s.plain():
		return allLegendSigns[1:2]
	case s.bars.sweep:
		return allLegendSigns
	}
	return allLegendSigns[:len(allLegendSigns)-1]
}

// layOutLegend is the box of each sign and of its label.
func (s *networkScene) layOutLegend() (marks, texts []rect) {
	r, signs := s.legend, s.legendSigns()
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

// paintLegend paints the signs as they look in the network.
func (s *networkScene) paintLegend(c *painter) {
	t, u := c.theme, c.unit()
	marks, _ := s.layOutLegend()
	signs := s.legendSigns()
	for i, r := range marks {
		mid := r.middle()
		left, right := c.point(point{r.x, mid.y}), c.point(point{r.right(), mid.y})
		high := min(0.42*r.h, 12)
		body := rect{r.x + 0.15*r.w, mid.y - high/2, 0.7 * r.w, high}
		switch signs[i] {
		case "shortcut":
			c.straight(left, right, 4*u, t.x)
		case "residual":
			c.straight(left, right, 2.5*u, t.f)
			c.frame(c.box(body), c.px(3), c.px(1.5), t.f, t.fWash)
		case "project":
			c.straight(left, right, 3*u, t.x)
			c.frame(c.box(body.inset(high*0.15)), c.px(2), c.px(1.5), t.x, t.xWash)
		case "sum":
			at, radius := c.point(mid), min(0.3*r.h, 8)
			c.sumSign(at, radius)
		case "ratio":
			bar := rect{r.x, mid.y - 2.5, r.w, 5}
			c.bar(bar, 0, 0.4, t.f)
			c.tick(bar, 1/s.maxRatio)
		case "cosine":
			bar := rect{r.x, mid.y - 2.5, r.w, 5}
			c.bar(bar, 0.5, 0.8, t.ink2)
			c.tick(bar, 0.5)
		case "sweep":
			s.paintSweepBar(c, rect{r.x, mid.y - 2.5, r.w, 5}, 0.8, 0.4)
		}
	}
}

// layOutCaption is the box of the caption's bar and of its text.
func (s *networkScene) layOutCaption() (mark, words rect) {
	const width, height = 28, 5
	if s.caption.empty() {
		return rect{}, rect{}
	}
	mark = rect{s.caption.x, s.caption.middle().y - height/2, width, height}
	return mark, rect{mark.right() + 8, s.caption.y, s.caption.w - width - 8, s.caption.h}
}

func (s *networkScene) labels(to *labelList, zoom transform) {
	for i := range s.cells {
		at := &s.cells[i]
		x := at.header.x + 6
		if at.part != proto.PartBlock { // as its picture begins
			x = s.filledBox(i).x
		}
		head := zoom.rect(rect{x, at.header.y, at.header.right() - x - 2, at.header.h})
		switch at.part {
		case proto.PartPhoto:
			to.add("view.photo", head, 12, Start, Quiet, nil)
		case proto.PartFilter:
			key := "view.filters"
			if head.w < 110 {
				key += ".short"
			}
			to.add(key, head, 12, Start, Quiet, values("count", whole(len(s.trace.Filters))))
		case proto.PartStem:
			to.add("view.stem", head, 12, Start, Quiet, nil)
		case proto.PartFeatures:
			key := "view.features"
			if head.w < 110 {
				key += ".short"
			}
			to.add(key, head, 12, Start, Quiet, values("count", whole(len(s.trace.Features.Bytes))))
		case proto.PartClass:
			to.add("view.answer", head, 12, Start, Quiet, nil)
			s.labelClasses(to, zoom, at)
		case proto.PartBlock:
			s.labelBlock(to, zoom, at, head)
		}
	}
	if _, words := s.layOutCaption(); !words.empty() {
		key := "view.knowledge"
		if words.w < 480 {
			key += ".short"
		}
		to.add(key, zoom.rect(words), 12, Start, ToneKnowledge, nil)
	}
	if !s.legend.empty() {
		_, texts := s.layOutLegend()
		short := ""
		if texts[0].w < 140 {
			short = ".short"
		}
		for i, r := range texts {
			key := "view.key." + s.legendSigns()[i] + short
			to.add(key, zoom.rect(r), 12, Start, Quiet, values("full", number(s.maxRatio, Short)))
		}
	}
}

func (s *networkScene) labelClasses(to *labelList, zoom transform, at *cell) {
	r := s.picture(*at)
	for k, class := range s.trace.Top[:s.shownClasses] {
		row := s.classRow(r, k)
		tone := Quiet
		if k == 0 {
			tone = Strong
		}
		line := zoom.rect(rect{row.x, row.y, row.w, row.h * 0.62})
		width := min(64, 0.5*line.w) // of the percentage, "> 99.9%" at most
		name, percentage := line, line
		name.w = line.w - width
		percentage.x, percentage.w = line.x+name.w, width
		to.add("view.class", name, 13, Start, tone, values("label", className(class)))
		to.add("view.percent", percentage, 13, End, tone, values("value", number(float64(class.Probability), Percent)))
	}
}

// labelBlock names a block by its number. The first of a stage says the stage, or its size, too. If there is room, how
// often the block's probe is right stands beside the name.
func (s *networkScene) labelBlock(to *labelList, zoom transform, at *cell, head rect) {
	b := &s.trace.Blocks[at.block]
	index := s.indexInStage(at.block)
	widthOfSize := 150.0               // with which the stage's name says its size
	const shareWidth, shareGap = 30, 6 // of "100%", and to what stands right of it
	if s.bars.knowledge && head.w >= 2*shareWidth {
		widthOfSize = 176 // no size is cut off
		head.w -= shareWidth + shareGap
		share := values("value", number(s.state.Knowledge[at.block], Whole))
		to.add("view.share", rect{head.right(), head.y, shareWidth, head.h}, 11, End, ToneKnowledge, share)
	}
	values := map[string]Value{"stage": whole(b.Stage), "index": text(strconv.Itoa(index))}
	switch {
	case index > 1:
		to.add("view.block", head, 12, Start, Quiet, values)
	case head.w < 96: // on a phone
		to.add("view.block", head, 12, Start, Strong, values)
	case head.w < widthOfSize:
		to.add("view.stage.short", head, 12, Start, Strong, values)
	default:
		values["height"], values["width"] = whole(b.Height), whole(b.Width)
		values["channels"] = whole(b.Channels)
		to.add("view.stage", head, 12, Start, Strong, values)
	}
	to.diagram(layOutBlock(at.rect, s.bars), zoom, b.Projection, s.ablation(at.block) != proto.AblateResidual)
}

// tips says what is highlighted.
func (s *networkScene) tips(to *labelList, zoom transform, t target) {
	i := s.cellOf(t)
	if i < 0 {
		return
	}
	at := s.cells[i]
	about := zoom.rect(at.rect)
	if r, ok := s.tileOf(at, t); ok {
		about = zoom.rect(r)
	}
	values := map[string]Value{"channel": whole(t.channel), "value": number(t.value, Short)}
	key := ""
	switch t.part {
	case proto.PartBlock, proto.PartResidual, proto.PartShortcut:
		b := &s.trace.Blocks[t.block]
		values["name"] = text(fmt.Sprintf("%d.%d", b.Stage, s.indexInStage(t.block))) // as its label says
		values["ratio"], values["cosine"] = number(ratioOf(b), Fixed), number(float64(b.Cosine), Fixed)
		plan := layOutBlock(at.rect, s.bars)
		switch {
		case s.plain() && t.index < 0: // all other tips compare x and F
		case t.part == proto.PartResidual:
			key, about = "view.tip.residual", zoom.rect(plan.f)
		case t.part == proto.PartShortcut && b.Projection:
			key, about = "view.tip.projection", zoom.rect(s.shortcutBox(plan))
		case t.part == proto.PartShortcut:
			key, about = "view.tip.shortcut", zoom.rect(s.shortcutBox(plan))
		case t.index >= 0:
			key = "view.tip.tile"
		case s.bars.sweep:
			key = "view.tip.sweep"
			values["probability"] = number(float64(s.sweep.Without[t.block]), Percent)
			values["base"] = number(float64(s.sweep.Base), Percent)
		case s.bars.knowledge:
			key = "view.tip.knowledge"
			values["share"] = number(s.state.Knowledge[t.block], Whole)
		default:
			key = "view.tip.block"
		}
	case proto.PartFilter, proto.PartStem:
		if t.index >= 0 {
			key = "view.tip." + string(t.part)
		}
	case proto.PartFeatures:
		if t.known {
			key = "view.tip.features"
		}
	}
	if key != "" {
		to.add(key, about, 12, Start, Tip, values)
	}
}
