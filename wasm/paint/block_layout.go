package paint

import "github.com/seed8935e608/residua/wasm/proto"

// One block, large, has four columns, one for each tensor. At the top of each is one channel, enlarged; with the
// operators between them the four read as the block's formula. Below are all channels, at the same places in each
// column. The photo and the block's diagram are beside the columns, or above them on a narrow canvas.

// blockLayout is where the parts of blockScene are, in CSS pixels of the canvas.
type blockLayout struct {
	narrow         bool
	photo          rect
	title          rect // above the photo
	diagram        rect // the two branches; may be empty
	facts          [3]rect
	bars           [2]rect
	columns        [proto.Tensors]column
	operators      [proto.Tensors - 1]point // between the enlarged channels
	operatorRadius float64
	scrollbar      rect
	grid           grid // of the channels, in a pane's coordinates
}

// column is where the parts of a tensor are.
type column struct {
	header   rect // above the enlarged channel
	enlarged rect
	value    rect // below it
	name     rect // above the pane; on a narrow canvas only
	pane     rect // of all channels
	colorBar rect // may be empty
}

func layOutBlockScene(w, h float64, channels int) *blockLayout {
	p := &blockLayout{narrow: w < 1.1*h && w < 720}
	if p.narrow {
		p.layOutNarrow(w, h)
	} else {
		p.layOutWide(w, h)
	}
	pane := p.columns[0].pane
	const rim = 3 // for the highlight round a channel at the edge
	p.grid = layOutGrid(rect{rim, rim, max(pane.w-2*rim, 1), max(pane.h-2*rim, 1)}, min(channels, pageSize))
	p.grid.y = rim
	last := p.columns[proto.Tensors-1].pane
	if !p.narrow {
		p.scrollbar = rect{last.right() + 5, last.y, 4, last.h}
	} else {
		p.scrollbar = rect{last.right() + 2, last.y, 3, last.h}
	}
	return p
}

func (p *blockLayout) layOutWide(w, h float64) {
	m := min(max(0.014*w, 6), 18)
	side := min(max(0.16*w, 60), 220)
	gap := min(max(0.027*w, 10), 40)
	wide := (w - 2*m - side - 4*gap - 6) / proto.Tensors
	head := min(max(0.03*h, 14), 22)
	value := 16.0
	size := min(wide, 0.3*h)
	top := m + head
	below := top + size + value + 6
	barTotal := colorBarTotal
	if h-m-below < 3*colorBarTotal { // the channels are more important than their colour bar
		barTotal = 0
	}
	high := h - m - barTotal - 6 - below
	p.operatorRadius = min(0.36*gap, 13)
	p.title = rect{m, m, side, head}
	p.photo = rect{m, top, min(side, size), min(side, size)}
	p.layOutSide(rect{m, below, side, h - m - below})
	for t := range p.columns {
		x := m + side + gap + float64(t)*(wide+gap)
		c := &p.columns[t]
		c.header = rect{x, m, wide, head}
		c.enlarged = rect{x, top, size, size}
		c.value = rect{x, top + size + 1, size, value - 1}
		c.pane = rect{x, below, wide, max(high, 1)}
		if barTotal > 0 {
			c.colorBar = rect{x, h - m - barTotal + 2, wide, colorBarHeight}
		}
		if t > 0 {
			left := p.columns[t-1].enlarged.right()
			p.operators[t-1] = point{(left + x) / 2, top + size/2}
		}
	}
}

func (p *blockLayout) layOutNarrow(w, h float64) {
	m := min(max(0.025*w, 4), 12)
	head := min(max(0.02*h, 12), 18)
	photo := min(0.3*w, 0.16*h)
	p.title = rect{m, m, w - 2*m, head}
	p.photo = rect{m, m + head, photo, photo}
	p.layOutSide(rect{m + photo + 14, m + head, w - 2*m - photo - 14, photo})

	gap := min(max(0.04*w, 8), 20)
	size := min((w-2*m-3*gap)/proto.Tensors, 0.11*h)
	p.operatorRadius = min(0.4*gap, 8)
	y := m + head + photo + 0.008*h
	value := 14.0
	pitch := (w - 2*m + gap) / proto.Tensors
	for t := range p.columns {
		c := &p.columns[t]
		x := m + float64(t)*pitch
		c.enlarged = rect{x + (pitch-gap-size)/2, y + head, size, size}
		c.header = rect{x, y, pitch - gap, head}
		c.value = rect{x, c.enlarged.bottom() + 1, pitch - gap, value - 1}
		if t > 0 {
			left := p.columns[t-1].enlarged.right()
			p.operators[t-1] = point{(left + c.enlarged.x) / 2, c.enlarged.y + size/2}
		}
	}
	y += head + size + value + 0.008*h
	between := 12.0
	wide := (w - 2*m - between - 4) / 2
	high := (h - m - y) / 2
	barTotal := colorBarTotal
	if high < head+3*colorBarTotal { // the channels are more important than their colour bar
		barTotal = 0
	}
	for t := range p.columns {
		c := &p.columns[t]
		x, top := m+float64(t%2)*(wide+between), y+float64(t/2)*high
		c.name = rect{x, top, wide, head}
		c.pane = rect{x, top + head, wide, max(high-head-barTotal-6, 1)}
		if barTotal > 0 {
			c.colorBar = rect{x, top + high - barTotal + 1, wide, colorBarHeight}
		}
	}
}

// layOutSide lays out the block's diagram, and the facts and bars below it.
func (p *blockLayout) layOutSide(r rect) {
	line := min(18, r.h/8)
	zone := min(0.36*r.w, 62, r.h-4.5*line-4)
	if zone < 16 {
		zone = 0
	}
	p.diagram = rect{r.x, r.y, min(r.w, 4*zone), zone}
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
