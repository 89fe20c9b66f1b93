package paint

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// nets are the networks that layouts are tried with: ResNet-18, 50, 101, 152, and two that nobody has.
var nets = [][]int{{2, 2, 2, 2}, {3, 4, 6, 3}, {3, 4, 23, 3}, {3, 8, 36, 3}, {1}, {1, 1, 1, 1, 1, 1}}

// sizes are canvases, in CSS pixels: those of known devices, and others.
func sizes() [][2]float64 {
	all := [][2]float64{
		{1280, 800}, {390, 844}, {844, 390}, {768, 1024}, {320, 480}, {1920, 1080},
		{160, 160}, {2560, 300}, {200, 1600},
	}
	random := rand.New(rand.NewPCG(5, 6))
	for range 150 {
		all = append(all, [2]float64{160 + 2000*random.Float64(), 160 + 1400*random.Float64()})
	}
	return all
}

// A named box, for what a test says.
type named struct {
	name string
	rect
}

// apart fails where boxes overlap, or leave room.
func apart(t *testing.T, room rect, boxes []named) {
	t.Helper()
	const ease = 1e-6
	for i, a := range boxes {
		if a.x < room.x-ease || a.y < room.y-ease || a.right() > room.right()+ease || a.bottom() > room.bottom()+ease {
			t.Errorf("%s %+v leaves %+v", a.name, a.rect, room)
		}
		for _, b := range boxes[:i] {
			if min(a.right(), b.right()) > max(a.x, b.x)+ease && min(a.bottom(), b.bottom()) > max(a.y, b.y)+ease {
				t.Errorf("%s %+v overlaps %s %+v", a.name, a.rect, b.name, b.rect)
			}
		}
	}
}

func TestNetworkLayout(t *testing.T) {
	for _, layers := range nets {
		o := bare(layers)
		for _, size := range sizes() {
			for _, bars := range []blockBars{{}, {sweep: true}, {knowledge: true}} {
				t.Run(fmt.Sprintf("%v/%.0f×%.0f/%v", layers, size[0], size[1], bars), func(t *testing.T) {
					n := layOutNetwork(o, size[0], size[1], bars)
					var boxes []named
					blocks := 0
					for i, c := range n.cells {
						boxes = append(boxes, named{fmt.Sprint("cell ", i), c.rect},
							named{fmt.Sprint("the header of ", i), c.header})
						if c.block >= 0 {
							if c.block != blocks {
								t.Errorf("cell %d holds block %d, want %d", i, c.block, blocks)
							}
							blocks++
						}
						if i == 0 {
							continue
						}
						if last := n.cells[i-1]; c.row < last.row || c.row == last.row && c.x < last.right()-1e-6 {
							t.Errorf("cell %d stands before the one that it follows", i)
						}
					}
					if blocks != len(o.Blocks) {
						t.Errorf("there are %d blocks, want %d", blocks, len(o.Blocks))
					}
					if !n.legend.empty() {
						boxes = append(boxes, named{"the legend", n.legend})
					}
					if !n.caption.empty() {
						boxes = append(boxes, named{"the caption", n.caption})
					}
					room := rect{0, 0, size[0], size[1]}
					apart(t, room, boxes)
					for _, b := range n.bands {
						apart(t, room, []named{{"a band", b}})
					}
					// The wire runs into the photo.
					s := networkScene{model: &model{trace: o}, networkLayout: n}
					for i := range n.cells {
						c := n.cells[i]
						r := s.picture(c)
						if c.part == proto.PartPhoto && (n.wire < r.y-c.y || n.wire > r.bottom()-c.y) {
							t.Errorf("the wire misses the photo")
						}
					}
				})
			}
		}
	}
}

// bare is a trace that has only what a layout asks for.
func bare(layers []int) *proto.ViewOverview {
	o := &proto.ViewOverview{Filters: make([]proto.ViewPicture, 64)}
	for stage, n := range layers {
		for range n {
			o.Blocks = append(o.Blocks, proto.ViewBlock{Stage: stage + 1, Channels: 256 << stage})
		}
	}
	return o
}

// TestBlockPlan: whatever a cell's size, a block's pieces stay in it and apart; the shortcut runs above F and below the
// cell's top.
func TestBlockPlan(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 8))
	for range 2000 {
		c := rect{10, 20, 12 + 400*random.Float64(), 12 + 300*random.Float64()}
		bars := blockBars{sweep: random.IntN(2) == 0, knowledge: random.IntN(2) == 0}
		p := layOutBlock(c, bars)
		boxes := []named{
			{"F", p.f}, {"the projection", p.project}, {"the montage", p.montage}, {"the ratio", p.ratio},
			{"the cosine", p.cosine},
		}
		if bars.sweep {
			boxes = append(boxes, named{"the sweep", p.sweep})
		}
		if bars.knowledge {
			boxes = append(boxes, named{"the knowledge", p.knowledge})
		}
		for i := range boxes {
			if boxes[i].w < 0 || boxes[i].h < 0 {
				t.Fatalf("in %+v: %s is %+v", c, boxes[i].name, boxes[i].rect)
			}
		}
		apart(t, c, boxes)
		if !(c.x < p.fork.x && p.fork.x < p.f.x && p.f.right() < p.sum.x-p.radius && p.sum.x+p.radius <= c.right()) {
			t.Errorf("in %+v fork, F and sum are not in this order: %+v", c, p)
		}
		if !(c.y < p.arc && p.arc < p.f.y && p.f.y < p.wire && p.wire < p.f.bottom()) {
			t.Errorf("in %+v the shortcut at %v does not run above F at %+v", c, p.arc, p.f)
		}
		if t.Failed() {
			return
		}
	}
}

func TestBlockPageLayout(t *testing.T) {
	for _, channels := range []int{1, 64, 256, 2048} {
		for _, size := range sizes() {
			t.Run(fmt.Sprintf("%d/%.0f×%.0f", channels, size[0], size[1]), func(t *testing.T) {
				p := layOutBlockScene(size[0], size[1], channels)
				boxes := []named{
					{"the photo", p.photo}, {"the title", p.title}, {"the diagram", p.diagram},
					{"the scrollbar", p.scrollbar},
				}
				for i, r := range p.facts {
					boxes = append(boxes, named{fmt.Sprint("fact ", i), r})
				}
				for i, r := range p.bars {
					boxes = append(boxes, named{fmt.Sprint("bar ", i), r})
				}
				for i := range p.columns {
					c := &p.columns[i]
					legend := c.colorBar
					if !legend.empty() {
						legend.h = colorBarTotal - 4
					}
					parts := map[string]rect{
						"header": c.header, "enlarged": c.enlarged, "value": c.value, "name": c.name, "pane": c.pane,
						"colour bar": legend,
					}
					for name, r := range parts {
						if !r.empty() {
							boxes = append(boxes, named{fmt.Sprint(name, " ", i), r})
						}
					}
					first := p.columns[0].pane
					if c.pane.w != first.w || c.pane.h != first.h || c.enlarged.w != c.enlarged.h {
						t.Errorf("column %d: pane %+v, enlarged channel %+v", i, c.pane, c.enlarged)
					}
				}
				apart(t, rect{0, 0, size[0], size[1]}, boxes)
				// Operators are between the enlarged channels.
				for i, s := range p.operators {
					a, b := p.columns[i].enlarged, p.columns[i+1].enlarged
					r := p.operatorRadius
					if s.x-r < a.right()-1e-6 || s.x+r > b.x+1e-6 || s.y < a.y || s.y > a.bottom() {
						t.Errorf("operator %d at %v with radius %v is not between %+v and %+v", i, s, r, a, b)
					}
				}
			})
		}
	}
}

// TestGrid: pictures of a grid are in it, apart, and found where they are.
func TestGrid(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 10))
	for range 500 {
		into := rect{30 * random.Float64(), 30 * random.Float64(), 5 + 500*random.Float64(), 5 + 500*random.Float64()}
		n := 1 + random.IntN(70)
		g := layOutGrid(into, n)
		var boxes []named
		for i := range n {
			r := g.at(i)
			boxes = append(boxes, named{fmt.Sprint(i), r})
			if k, ok := g.find(r.middle(), n); !ok || k != i {
				t.Fatalf("in %+v picture %d of %d is found as %d, %v", into, i, n, k, ok)
			}
		}
		apart(t, into, boxes)
		if _, ok := g.find(point{into.x - 1, into.y}, n); ok {
			t.Error("a picture is found outside")
		}
		if t.Failed() {
			return
		}
	}
	if g := layOutGrid(rect{0, 0, 100, 100}, 0); g.side != 0 {
		t.Errorf("a grid of nothing is %+v", g)
	}
}

// TestNoPictures: a trace may lack filters, tiles, features and answers; then there is nothing in their places.
func TestNoPictures(t *testing.T) {
	o := sample.Overview([]int{1, 2})
	o.Filters, o.Stem.Tiles, o.Features.Bytes, o.Top = nil, nil, nil, nil
	for i := range o.Blocks {
		o.Blocks[i].Tiles.Tiles, o.Blocks[i].NormX = nil, 0
	}
	paper := []byte{0xf7, 0xf6, 0xf3, 0xff}
	for _, scene := range lookScenes {
		v := startWith(t, o, 500, 400, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = scene, 1 }))
		for y := 5.0; y < 400; y += 30 {
			for x := 5.0; x < 500; x += 30 {
				v.Point(x, y)
				frame(t, v)
				if h := v.dynamic.hover; scene != proto.SceneBlock && (h.index >= 0 || h.known) {
					t.Errorf("scene %s: at %v, %v there is %+v", scene, x, y, h)
				}
			}
		}
		if pix, _, _ := v.Pixels(); scene == proto.SceneFilters && bytes.Count(pix, paper) != 500*400 {
			t.Error("without filters something is painted")
		}
		for _, key := range []string{"ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Enter", "+"} {
			v.Key(key, false)
			frame(t, v)
		}
	}
}

// TestNotSquare: a photo that is not square is shown in its own proportions, and a place on it is that of its pixels.
func TestNotSquare(t *testing.T) {
	o := sample.Overview([]int{1, 2})
	const height, width = 40, 100
	o.Photo = proto.ViewPicture{Height: height, Width: width, RGB: bytes.Repeat([]byte{250, 10, 10}, height*width)}
	v := startWith(t, o, 600, 500, 1, state(func(s *proto.ViewState) { s.Scene = proto.ScenePhoto }))
	r := v.scene().(*photoScene).photo
	if math.Abs(r.w/r.h-width/float64(height)) > 1e-9 || r.w < 400 {
		t.Fatalf("the photo lies in %+v", r)
	}
	pix, stride, _ := v.Pixels()
	for _, c := range []struct {
		x, y   float64
		inside bool
	}{{r.x + 2, r.y + 2, true}, {r.right() - 2, r.bottom() - 2, true}, {r.x + 2, r.y - 6, false}} {
		if at := pix[4*(int(c.y)*stride+int(c.x)):]; (at[0] > 200 && at[1] < 50) != c.inside {
			t.Errorf("at %v, %v there is %v", c.x, c.y, at[:3])
		}
		if got := v.scene().hit(identity, point{c.x, c.y}, noTarget); (got.part == proto.PartPhoto) != c.inside {
			t.Errorf("at %v, %v the target is %+v", c.x, c.y, got)
		}
	}
	last := v.scene().hit(identity, point{r.right() - 1, r.bottom() - 1}, noTarget)
	if last.y != height-1 || last.x != width-1 {
		t.Errorf("the last pixel is at %d, %d", last.y, last.x)
	}
	for _, c := range []struct {
		h, w int
		want rect
	}{
		{3, 3, rect{15, 0, 10, 10}}, {1, 2, rect{10, 0, 20, 10}}, {2, 1, rect{17.5, 0, 5, 10}},
		{0, 0, rect{15, 0, 10, 10}},
	} {
		if got := (rect{0, 0, 40, 10}).fit(c.h, c.w); got != c.want {
			t.Errorf("%d×%d in 40×10 lies in %+v, want %+v", c.h, c.w, got, c.want)
		}
	}
}
