package paint

import (
	"github.com/seed8935e608/residua/wasm/proto"
)

// The network is a grid that is read like text: the photo, the stem, then the blocks of each stage, then the
// prediction. A stage that does not fit on the rest of a row begins a new one. One line, the wire, connects all cells.

// cell is one part of the network.
type cell struct {
	part  proto.ViewPart
	block int // −1: none
	row   int
	rect
	header rect // above it, for its label
}

// networkLayout is where the parts of networkScene are, in CSS pixels.
type networkLayout struct {
	columns, rows int
	cells         []cell
	bands         []rect  // behind a stage's blocks of one row
	legend        rect    // may be empty
	wire          float64 // its height in a cell
	cellW, cellH  float64
	margin, gap   float64
	bars          blockBars
	caption       rect // about the bars of the knowledge; may be empty
}

// blockBars says which bars each block has beside those of the ratio and the cosine.
type blockBars struct{ sweep, knowledge bool }

// group is cells that stay together: their widths in columns.
type group struct {
	spans []int
	stage int // 0: none
}

// groups are the parts of the network. The prediction is wider, for it has text.
func groups(o *proto.ViewOverview, columns int) []group {
	head := group{spans: []int{1, 1, 1}}
	if len(o.Filters) == 0 {
		head.spans = head.spans[1:]
	}
	all := []group{head}
	for _, b := range o.Blocks {
		if last := &all[len(all)-1]; last.stage == b.Stage {
			last.spans = append(last.spans, 1)
		} else {
			all = append(all, group{spans: []int{1}, stage: b.Stage})
		}
	}
	return append(all, group{spans: []int{1, min(2, columns)}})
}

// flow puts groups into rows of some columns. It gives the row and column of each cell.
func flow(all []group, columns int) (places [][2]int, rows int) {
	row, column := 0, 0
	for _, g := range all {
		total := 0
		for _, span := range g.spans {
			total += span
		}
		if column > 0 && column+total > columns {
			row, column = row+1, 0
		}
		for _, span := range g.spans {
			if column+span > columns {
				row, column = row+1, 0
			}
			places = append(places, [2]int{row, column})
			column += span
		}
	}
	return places, row + 1
}

// captionHeight is that of a line of text.
const captionHeight = 18

// cellAspect is the best ratio of a cell's width to its height.
const cellAspect = 1.15

// layOutNetwork finds the number of columns that makes the cells largest, and lays out the cells.
func layOutNetwork(o *proto.ViewOverview, w, h float64, bars blockBars) *networkLayout {
	n := &networkLayout{bars: bars}
	n.margin = min(max(0.012*min(w, h), 4), 14)
	if bars.knowledge && h >= 12*captionHeight { // on a lower canvas the blocks need the room
		n.caption = rect{n.margin + 4, n.margin / 2, w - 2*n.margin - 8, captionHeight}
		h -= captionHeight
	}
	head := min(max(0.026*h, 13), 20)
	best := 0.0
	for columns := 1; columns <= len(o.Blocks)+6; columns++ {
		_, rows := flow(groups(o, columns), columns)
		gap := min(max(0.018*h, 4), 18)
		cw := (w - 2*n.margin - 2*gap) / float64(columns)
		ch := (h-2*n.margin-gap*float64(rows-1))/float64(rows) - head
		if score := min(cw/cellAspect, ch); n.columns == 0 || score > best {
			best = score
			n.columns, n.rows, n.cellW, n.cellH, n.gap = columns, rows, cw, ch, gap
		}
	}
	// On a canvas that is too small for its network, labels are given up before pictures.
	if n.cellH < 2*head {
		n.cellH += head
		head = 0
	}
	n.cellH = max(n.cellH, 1)
	// Cells do not get higher than this; the rest of the height goes between the rows.
	if most := n.cellW * 1.1; n.cellH > most {
		spare := (n.cellH - most) * float64(n.rows)
		n.cellH = most
		if n.rows > 1 {
			n.gap += min(spare/float64(n.rows-1), n.gap)
		}
	}
	total := float64(n.rows)*(head+n.cellH) + float64(n.rows-1)*n.gap
	top := max((h-total)/2, 0) + n.caption.h
	left := (w - n.cellW*float64(n.columns)) / 2

	n.placeCells(o, left, top, head)
	n.wire = layOutBlock(rect{0, 0, n.cellW, n.cellH}, bars).wire
	n.legend = n.findLegend(left)
	return n
}

// placeCells places the cells and the bands; the first cell's top left is at left, top, and headers have the height
// head.
func (n *networkLayout) placeCells(o *proto.ViewOverview, left, top, head float64) {
	all := groups(o, n.columns)
	places, _ := flow(all, n.columns)
	parts := []proto.ViewPart{proto.PartPhoto, proto.PartFilter, proto.PartStem}
	if len(o.Filters) == 0 {
		parts = []proto.ViewPart{proto.PartPhoto, proto.PartStem}
	}
	tail := []proto.ViewPart{proto.PartFeatures, proto.PartClass}
	i, block := 0, 0
	for _, g := range all {
		for k, span := range g.spans {
			c := cell{block: -1, row: places[i][0]}
			switch {
			case g.stage > 0:
				c.part, c.block = proto.PartBlock, block
				block++
			case i < len(parts):
				c.part = parts[k]
			default:
				c.part = tail[k]
			}
			y := top + float64(c.row)*(head+n.cellH+n.gap)
			x := left + float64(places[i][1])*n.cellW
			c.header = rect{x, y, n.cellW * float64(span), head}
			c.rect = rect{x, y + head, n.cellW * float64(span), n.cellH}
			// The blocks of a stage in a row have one band behind them.
			if g.stage > 0 {
				if k > 0 && n.cells[i-1].row == c.row {
					n.bands[len(n.bands)-1].w += n.cellW
				} else {
					n.bands = append(n.bands, rect{x, y, n.cellW, head + n.cellH})
				}
			}
			n.cells = append(n.cells, c)
			i++
		}
	}
}

// findLegend finds the widest free box at a row's end that is large enough for the legend.
func (n *networkLayout) findLegend(left float64) rect {
	var legend rect
	for row := range n.rows {
		end := left
		var y float64
		for _, c := range n.cells {
			if c.row == row {
				end, y = c.right(), c.y
			}
		}
		const turn = 24 // for the wire to the next row
		free := rect{end + turn, y, left + n.cellW*float64(n.columns) - end - turn, n.cellH}
		if free.w > legend.w && free.w >= 150 && free.h >= 68 {
			legend = free
		}
	}
	return legend
}

// blockDiagram is where the pieces of a block are.
type blockDiagram struct {
	wire      float64 // the height of the wire, on which F is
	fork, sum point
	radius    float64 // of the sum's sign
	arc       float64 // the height of the shortcut
	bend      float64
	f         rect // the box of F
	project   rect // the box on the shortcut
	montage   rect // the output's channels
	ratio     rect // the bar of ‖F‖/‖x‖
	cosine    rect // the bar of the cosine
	sweep     rect // the bar of the sweep; may be empty
	knowledge rect // the bar of the knowledge; may be empty
}

// layOutBlock lays a block out in a cell: the two branches at the top, the output's channels below, bars at the foot.
func layOutBlock(c rect, bars blockBars) blockDiagram {
	pad := min(max(0.05*c.w, 2), 10, 0.12*c.h)
	zone := min(max(0.34*c.h, 0.1), 62, 0.45*c.w)
	fh := 0.42 * zone
	p := blockDiagram{wire: c.y + zone - fh/2 - min(1, 0.05*zone), arc: c.y + 0.21*zone}
	p.fork = point{c.x + 0.1*c.w, p.wire}
	p.sum = point{c.x + 0.88*c.w, p.wire}
	p.radius = min(0.15*zone, 9)
	p.bend = min((p.wire-p.arc)*0.45, 0.08*c.w)
	p.f = rect{c.x + 0.27*c.w, p.wire - fh/2, 0.43 * c.w, fh}
	side := 0.34 * zone
	p.project = rect{p.f.x + p.f.w/2 - side*0.8, p.arc - side/2, side * 1.6, side}

	bar := min(max(0.04*c.h, 2), 6, 0.08*c.h)
	foot := c.bottom() - pad*0.7
	if bars.knowledge {
		p.knowledge = rect{c.x + pad, foot - bar, c.w - 2*pad, bar}
		foot -= bar * 1.7
	}
	if bars.sweep {
		p.sweep = rect{c.x + pad, foot - bar, c.w - 2*pad, bar}
		foot -= bar * 1.7
	}
	half := (c.w - 3*pad) / 2
	p.ratio = rect{c.x + pad, foot - bar, half, bar}
	p.cosine = rect{c.x + 2*pad + half, foot - bar, half, bar}
	top := p.f.bottom() + 0.04*c.h
	p.montage = rect{c.x + pad, top, c.w - 2*pad, max(foot-bar-0.04*c.h-top, 0)}
	return p
}

// grid is pictures of one size side by side.
type grid struct {
	rect
	columns int
	pitch   float64 // from one to the next
	side    float64 // of each
}

// layOutGrid makes n square pictures as large as a box allows.
func layOutGrid(into rect, n int) grid {
	g := grid{columns: 1}
	for columns := 1; columns <= n; columns++ {
		rows := (n + columns - 1) / columns
		if pitch := min(into.w/float64(columns), into.h/float64(rows)); pitch > g.pitch {
			g.columns, g.pitch = columns, pitch
		}
	}
	if g.pitch <= 0 {
		return grid{columns: 1}
	}
	g.side = g.pitch - min(max(0.06*g.pitch, 0.5), 4)
	rows := (n + g.columns - 1) / g.columns
	w, h := float64(g.columns)*g.pitch, float64(rows)*g.pitch
	between := g.pitch - g.side
	g.rect = rect{into.x + (into.w-w+between)/2, into.y + (into.h-h+between)/2, w, h}
	return g
}

// at is the box of a picture.
func (g grid) at(i int) rect {
	return rect{g.x + float64(i%g.columns)*g.pitch, g.y + float64(i/g.columns)*g.pitch, g.side, g.side}
}

// find is the picture at a point, out of n; false: there is none.
func (g grid) find(p point, n int) (int, bool) {
	if g.pitch <= 0 || p.x < g.x || p.y < g.y {
		return 0, false
	}
	column, row := int((p.x-g.x)/g.pitch), int((p.y-g.y)/g.pitch)
	i := row*g.columns + column
	if column >= g.columns || i >= n || !g.at(i).has(p) {
		return 0, false
	}
	return i, true
}
