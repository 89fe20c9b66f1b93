package paint

import (
	"github.com/seed8935e608/residua/wasm/proto"
)

// The way through the network is a grid that is read like a text: photo, stem, then each stage's blocks, then the answer. A stage begins
// on a new line where it does not fit on the rest of this one. A line that is the photo's way runs through all of it.

// cell is a place on the way.
type cell struct {
	part  proto.ViewPart
	block int // −1: none
	row   int
	rect
	head rect // above it, for its name
}

// network is the scene's layout, in CSS pixels.
type network struct {
	columns, rows int
	cells         []cell
	bands         []rect // behind a stage's blocks of one row
	key           rect   // the place where signs are explained; may be empty
	wire          float64
	cellW, cellH  float64
	margin, gap   float64
	sweep         bool // there is a strip below each block
}

// group is cells that belong together: their widths in columns.
type group struct {
	spans []int
	stage int // 0: none
}

// groups are the parts of the way. The answer is wider, for it has words.
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

// flow puts groups into rows of some columns: the row and column of each cell.
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

// A cell is about this much wider than high, at best.
const cellAspect = 1.15

// layNetwork finds the number of columns that makes the cells largest, and lays the cells.
func layNetwork(o *proto.ViewOverview, w, h float64, sweep bool) *network {
	n := &network{sweep: sweep}
	n.margin = min(max(0.012*min(w, h), 4), 14)
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
	// On a canvas that is too small for its network, names go before pictures do.
	if n.cellH < 2*head {
		n.cellH += head
		head = 0
	}
	n.cellH = max(n.cellH, 1)
	// What is too much of the height becomes room between the rows.
	if most := n.cellW * 1.1; n.cellH > most {
		spare := (n.cellH - most) * float64(n.rows)
		n.cellH = most
		if n.rows > 1 {
			n.gap += min(spare/float64(n.rows-1), n.gap)
		}
	}
	total := float64(n.rows)*(head+n.cellH) + float64(n.rows-1)*n.gap
	top := max((h-total)/2, 0)
	left := (w - n.cellW*float64(n.columns)) / 2

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
			c.head = rect{x, y, n.cellW * float64(span), head}
			c.rect = rect{x, y + head, n.cellW * float64(span), n.cellH}
			// Each run of a stage in a row has a band behind it.
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
	n.wire = layBlock(rect{0, 0, n.cellW, n.cellH}, sweep).wire
	n.key = n.findKey(left, head)
	return n
}

// findKey finds the widest place that is free at a row's end and large enough for words.
func (n *network) findKey(left, head float64) rect {
	var key rect
	for row := range n.rows {
		end := left
		var y float64
		for _, c := range n.cells {
			if c.row == row {
				end, y = c.right(), c.y
			}
		}
		const turn = 24 // beside the way to the next row
		free := rect{end + turn, y, left + n.cellW*float64(n.columns) - end - turn, n.cellH}
		if free.w > key.w && free.w >= 150 && free.h >= 68 {
			key = free
		}
	}
	return key
}

// blockPlan is where a block's pieces are in its cell.
type blockPlan struct {
	wire      float64 // the height of the way
	fork, sum point
	radius    float64 // of the sum's sign
	arc       float64 // the height of the shortcut
	bend      float64
	f         rect // the box of F
	project   rect // the box on the shortcut
	montage   rect
	ratio     rect // the bar of ‖F‖/‖x‖
	cosine    rect
	sweep     rect // the strip of the sweep; may be empty
}

// layBlock lays a block's pieces in its cell: the two ways above, what leaves the block below, bars at the foot.
func layBlock(c rect, sweep bool) blockPlan {
	pad := min(max(0.05*c.w, 2), 10, 0.12*c.h)
	zone := min(max(0.34*c.h, 0.1), 62, 0.45*c.w)
	fh := 0.42 * zone
	p := blockPlan{wire: c.y + zone - fh/2 - min(1, 0.05*zone), arc: c.y + 0.21*zone}
	p.fork = point{c.x + 0.1*c.w, p.wire}
	p.sum = point{c.x + 0.88*c.w, p.wire}
	p.radius = min(0.15*zone, 9)
	p.bend = min((p.wire-p.arc)*0.45, 0.08*c.w)
	p.f = rect{c.x + 0.27*c.w, p.wire - fh/2, 0.43 * c.w, fh}
	side := 0.34 * zone
	p.project = rect{p.f.x + p.f.w/2 - side*0.8, p.arc - side/2, side * 1.6, side}

	bar := min(max(0.04*c.h, 2), 6, 0.08*c.h)
	foot := c.bottom() - pad*0.7
	if sweep {
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

// layGrid makes n pictures as large as they go into a box.
func layGrid(into rect, n int) grid {
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

// find is the picture at a point; false: there is none, out of n.
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
