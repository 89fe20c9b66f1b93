package paint

import "github.com/seed8935e608/residua/wasm/proto"

// One block, large: four columns, one for each tensor. At the head of each stands one channel, enlarged: together they read as the
// sum they are. Below are all channels, at the same places in each column. The photo and the block's sign stand beside them, or above
// where the canvas is narrow.

// blockPage is the scene's layout, in CSS pixels.
type blockPage struct {
	narrow  bool
	photo   rect
	title   rect // above the photo
	sign    rect // the block's two ways
	facts   [3]rect
	bars    [2]rect
	columns [proto.Tensors]column
	signs   [proto.Tensors - 1]point // between the enlarged channels
	signR   float64
	thumb   rect // where a bar shows which part is seen
	grid    grid // of the channels, in the window's coordinates
}

// column is one tensor's.
type column struct {
	head   rect // of the enlarged channel
	focus  rect
	value  rect // under it
	name   rect // of the window, on a narrow canvas
	window rect
	scale  rect // the legend
}

func layBlockPage(w, h float64, channels int) *blockPage {
	p := &blockPage{narrow: w < 1.1*h && w < 720}
	if p.narrow {
		p.layNarrow(w, h)
	} else {
		p.layWide(w, h)
	}
	window := p.columns[0].window
	const rim = 3 // for the frame round a channel at the edge
	p.grid = layGrid(rect{rim, rim, max(window.w-2*rim, 1), max(window.h-2*rim, 1)}, min(channels, page))
	p.grid.y = rim
	last := p.columns[proto.Tensors-1].window
	if !p.narrow {
		p.thumb = rect{last.right() + 5, last.y, 4, last.h}
	} else {
		p.thumb = rect{last.right() + 2, last.y, 3, last.h}
	}
	return p
}

// A legend is a bar, and a line of numbers below it.
const (
	legendBar  = 8.0
	legendHigh = 26.0
)

func (p *blockPage) layWide(w, h float64) {
	m := min(max(0.014*w, 6), 18)
	side := min(max(0.16*w, 60), 220)
	gap := min(max(0.027*w, 10), 40)
	wide := (w - 2*m - side - 4*gap - 6) / proto.Tensors
	head := min(max(0.03*h, 14), 22)
	value := 16.0
	focus := min(wide, 0.3*h)
	top := m + head
	below := top + focus + value + 6
	legend := legendHigh
	if h-m-below < 3*legendHigh { // the pictures go before their scale
		legend = 0
	}
	high := h - m - legend - 6 - below
	p.signR = min(0.36*gap, 13)
	p.title = rect{m, m, side, head}
	p.photo = rect{m, top, min(side, focus), min(side, focus)}
	p.laySide(rect{m, below, side, h - m - below})
	for t := range p.columns {
		x := m + side + gap + float64(t)*(wide+gap)
		c := &p.columns[t]
		c.head = rect{x, m, wide, head}
		c.focus = rect{x, top, focus, focus}
		c.value = rect{x, top + focus + 1, focus, value - 1}
		c.window = rect{x, below, wide, max(high, 1)}
		if legend > 0 {
			c.scale = rect{x, h - m - legend + 2, wide, legendBar}
		}
		if t > 0 {
			left := p.columns[t-1].focus.right()
			p.signs[t-1] = point{(left + x) / 2, top + focus/2}
		}
	}
}

func (p *blockPage) layNarrow(w, h float64) {
	m := min(max(0.025*w, 4), 12)
	head := min(max(0.02*h, 12), 18)
	photo := min(0.3*w, 0.16*h)
	p.title = rect{m, m, w - 2*m, head}
	p.photo = rect{m, m + head, photo, photo}
	p.laySide(rect{m + photo + 14, m + head, w - 2*m - photo - 14, photo})

	gap := min(max(0.04*w, 8), 20)
	focus := min((w-2*m-3*gap)/proto.Tensors, 0.11*h)
	p.signR = min(0.4*gap, 8)
	y := m + head + photo + 0.008*h
	value := 14.0
	pitch := (w - 2*m + gap) / proto.Tensors
	for t := range p.columns {
		c := &p.columns[t]
		x := m + float64(t)*pitch
		c.focus = rect{x + (pitch-gap-focus)/2, y + head, focus, focus}
		c.head = rect{x, y, pitch - gap, head}
		c.value = rect{x, c.focus.bottom() + 1, pitch - gap, value - 1}
		if t > 0 {
			left := p.columns[t-1].focus.right()
			p.signs[t-1] = point{(left + c.focus.x) / 2, c.focus.y + focus/2}
		}
	}
	y += head + focus + value + 0.008*h
	between := 12.0
	wide := (w - 2*m - between - 4) / 2
	high := (h - m - y) / 2
	legend := legendHigh
	if high < head+3*legendHigh { // the pictures go before their scale
		legend = 0
	}
	for t := range p.columns {
		c := &p.columns[t]
		x, top := m+float64(t%2)*(wide+between), y+float64(t/2)*high
		c.name = rect{x, top, wide, head}
		c.window = rect{x, top + head, wide, max(high-head-legend-6, 1)}
		if legend > 0 {
			c.scale = rect{x, top + high - legend + 1, wide, legendBar}
		}
	}
}

// laySide lays the block's sign and what is to be said about it.
func (p *blockPage) laySide(r rect) {
	line := min(18, r.h/8)
	zone := min(0.36*r.w, 62, r.h-4.5*line-4)
	if zone < 16 {
		zone = 0
	}
	p.sign = rect{r.x, r.y, min(r.w, 4*zone), zone}
	y := r.y + zone + 4
	for i := range p.facts {
		p.facts[i] = rect{r.x, y, r.w, line}
		y += line
		if i < len(p.bars) {
			p.bars[i] = rect{r.x, y, r.w, min(5, line/3)}
			y += line * 0.75
		}
	}
}
