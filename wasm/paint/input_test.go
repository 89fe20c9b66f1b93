package paint

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// TestHitNetwork: what is painted at a place is what is found there, at any zoom.
func TestHitNetwork(t *testing.T) {
	for _, layers := range nets[:5] {
		v := startWith(t, sample.Overview(layers), 1280, 800, 1, state(nil))
		s := v.scene().(*networkScene)
		for _, l := range []transform{{scale: 1}, {2.5, -700, -300}, {7, -5000, -3000}} {
			v.setZoom(l)
			find := func(what string, at point, want target) {
				t.Helper()
				got := s.hit(v.zoom(), v.zoom().apply(at), noTarget)
				same := got.part == want.part && got.block == want.block && got.index == want.index
				if !same || want.channel >= 0 && got.channel != want.channel {
					t.Errorf("%v with the zoom %v: %s is found as %+v, want %+v", layers, l, what, got, want)
				}
			}
			for _, c := range s.cells {
				t := noTarget
				t.part, t.block = c.part, c.block
				switch c.part {
				case proto.PartBlock:
					p := layOutBlock(c.rect, s.bars)
					tiles := v.model.trace.Blocks[c.block].Tiles.Tiles
					g := layOutGrid(p.montage, len(tiles))
					for k := range tiles {
						t.index, t.channel = k, tiles[k].Channel
						find(fmt.Sprint("tile ", k), g.at(k).middle(), t)
					}
					t.index, t.channel = -1, -1
					find("the block", point{c.x + 1, c.bottom() - 0.2}, t)
					t.part = proto.PartResidual
					find("F", p.f.middle(), t)
					t.part = proto.PartShortcut
					find("the shortcut", point{p.f.x + p.f.w*0.9, p.arc}, t)
				case proto.PartFilter:
					for k := range v.model.trace.Filters {
						t.index, t.channel = k, k
						find(fmt.Sprint("filter ", k), layOutGrid(s.picture(c), 64).at(k).middle(), t)
					}
				case proto.PartStem:
					for k, tile := range v.model.trace.Stem.Tiles {
						t.index, t.channel = k, tile.Channel
						find(fmt.Sprint("stem ", k), layOutGrid(s.picture(c), sampleTiles).at(k).middle(), t)
					}
				case proto.PartClass:
					for k := range s.shownClasses {
						t.index, t.channel = k, v.model.trace.Top[k].Index
						find(fmt.Sprint("class ", k), s.classRow(s.picture(c), k).middle(), t)
					}
				default:
					find(string(c.part), s.picture(c).middle(), t)
				}
			}
			find("nothing", point{1, 1}, noTarget)
		}
	}
}

const sampleTiles = 12

// TestHitBlock: at the middle of every value of every map, that value is found.
func TestHitBlock(t *testing.T) {
	v := start(t, 1280, 800, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 13 }))
	s := v.scene().(*blockScene)
	m := sample.Channels(v.model.trace, proto.ViewRequest{Trace: v.model.trace.Trace, Block: 13, Count: pageSize})
	for _, z := range []struct {
		transform
		seen int // values
	}{{identity, 4 * pageSize * 7 * 7}, {transform{3, -20, -100}, 1680}} {
		l := z.transform
		v.setZoom(l)
		seen := 0
		for k := range s.columns {
			for index := range pageSize {
				r := v.zoom().in(s.columns[k].pane).rect(s.grid.at(index))
				for i := range m.Height * m.Width {
					y, x := i/m.Width, i%m.Width
					at := point{
						r.x + (float64(x)+0.5)*r.w/float64(m.Width),
						r.y + (float64(y)+0.5)*r.h/float64(m.Height),
					}
					if !s.columns[k].pane.has(at) {
						continue
					}
					seen++
					got := s.hit(v.zoom(), at, noTarget)
					want := target{
						part: proto.PartChannel, block: 13, index: index, tensor: proto.Tensor(k),
						channel: int(m.Channels[index]), y: y, x: x,
						known: true, value: m.Scales[k].Value(m.Map(proto.Tensor(k), index)[i]),
						network: -1, layer: -1, step: -1, length: -1,
					}
					if got != want {
						t.Fatalf("at %v with the zoom %v: %+v, want %+v", at, l, got, want)
					}
				}
			}
		}
		if seen != z.seen {
			t.Errorf("with the zoom %v %d values are seen, want %d", l, seen, z.seen)
		}
	}
	if got := v.Key("Tab", false); got {
		t.Error("Tab is taken")
	}
}

// TestZoom: what is under the pointer stays there, the content never leaves its pane, and zooming back is exact.
func TestZoom(t *testing.T) {
	random := rand.New(rand.NewPCG(12, 13))
	for _, scene := range lookScenes {
		v := start(t, 900, 600, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = scene, 4 }))
		for range 300 {
			on := point{900 * random.Float64(), 600 * random.Float64()}
			p, ok := v.viewport.panes.local(on)
			before := v.zoom()
			was := before.inverse(p)
			v.Wheel(on.x, on.y, 0, 150*random.NormFloat64()-20, true)
			after := v.zoom()
			if !ok {
				if after != before {
					t.Fatalf("%s: a wheel beside the window zooms", scene)
				}
				continue
			}
			window, content := v.viewport.panes.size(), v.viewport.panes.content
			shown := after.rect(content)
			const ease = 1e-6
			late := shown.x > window.x+ease || shown.y > window.y+ease
			early := shown.w >= window.w && shown.right() < window.right()-ease ||
				shown.h >= window.h && shown.bottom() < window.bottom()-ease
			if late || early {
				t.Fatalf("%s: the content lies at %+v in the window %+v", scene, shown, window)
			}
			if after.scale < 1 || after.scale > maxZoom {
				t.Fatalf("%s: the scale is %v", scene, after.scale)
			}
			// At a border the content moves; elsewhere the point stays.
			inside := shown.x < window.x-1 && shown.y < window.y-1 &&
				shown.right() > window.right()+1 && shown.bottom() > window.bottom()+1
			if now := after.inverse(p); inside && math.Hypot(now.x-was.x, now.y-was.y) > 1e-6 {
				t.Fatalf("%s: %v was under the pointer, now %v", scene, was, now)
			}
		}
		v.Key("0", false)
		if v.zoom() != (transform{scale: 1}) {
			t.Errorf("%s: after 0 the zoom is %+v", scene, v.zoom())
		}
	}
}

// TestZoomSteps: a page's buttons do what the keys do, and are told when there is nothing left to do.
func TestZoomSteps(t *testing.T) {
	empty := New()
	empty.Zoom(1)
	if smaller, larger := empty.CanZoom(); smaller || larger {
		t.Error("without a trace there is something to zoom")
	}
	for _, scene := range lookScenes {
		v := start(t, 900, 600, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = scene, 4 }))
		check := func(when string, wantSmaller, wantLarger bool) {
			t.Helper()
			if smaller, larger := v.CanZoom(); smaller != wantSmaller || larger != wantLarger {
				t.Errorf("%s: %s smaller %v, larger %v", scene, when, smaller, larger)
			}
		}
		check("at first", false, true)
		v.Key("+", false)
		byKey := v.zoom()
		v.Zoom(0)
		v.Zoom(1)
		if v.zoom() != byKey || byKey.scale != 1.5 {
			t.Errorf("%s: a step makes the zoom %+v, the key %+v", scene, v.zoom(), byKey)
		}
		check("after a step", true, true)
		window := v.viewport.panes.size()
		mid, was := v.zoom().inverse(window.middle()), window.middle()
		if scene != proto.SceneBlock && math.Hypot(mid.x-was.x, mid.y-was.y) > 1e-9 {
			t.Errorf("%s: the middle was %v, now %v", scene, was, mid)
		}
		v.Zoom(7)
		check("at the end", true, false)
		if got := v.zoom().scale; got != maxZoom {
			t.Errorf("%s: at the end the scale is %v", scene, got)
		}
		for range 7 {
			v.Zoom(-1)
		}
		check("back by steps", false, true)
		if frame(t, v); v.Changed() {
			t.Errorf("%s: the view does not come to rest", scene)
		}
	}
}

// kinds are the kinds of the events since the last call.
func kinds(v *View) (all []proto.ViewEventKind) {
	for _, e := range v.Events() {
		all = append(all, e.Kind)
	}
	return all
}

func TestClickAndDrag(t *testing.T) {
	v := start(t, 900, 600, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 4 }))
	w := v.scene().(*blockScene).columns[0].pane
	x, y := w.x+30, w.y+30

	v.Press(1, x, y, true)
	v.Drag(1, x+3, y-3) // a hand trembles
	v.Release(1, x+3, y-3, false)
	e := v.Events()
	if len(e) != 2 {
		t.Fatalf("a click gives %+v", e)
	}
	i, _ := v.scene().(*blockScene).grid.find(point{33, 27}, v.model.channels.len())
	want := e[0] // where the pointer came to
	want.Kind, want.Part, want.Block, want.Tensor, want.Known = proto.EventClick, proto.PartChannel, 4, "x", true
	want.Channel = v.model.channels.channels[i]
	if e[0].Kind != proto.EventHover || e[1] != want {
		t.Errorf("a click gives %+v, want %+v last", e, want)
	}

	before := v.zoom()
	v.Press(1, x, y, true)
	v.Drag(1, x, y-40)
	v.Release(1, x, y-40, false)
	if after := v.zoom(); after.y != before.y-40 || after.scale != before.scale {
		t.Errorf("a drag by 40 moves from %+v to %+v", before, after)
	}
	if slices.Contains(kinds(v), proto.EventClick) {
		t.Error("a drag clicks")
	}

	v.Press(1, x, y, false)
	v.Release(1, x, y, true)
	if slices.Contains(kinds(v), proto.EventClick) {
		t.Error("a touch that the page took clicks")
	}

	// Two fingers go apart to twice the distance: twice the scale, and no click.
	v.Key("0", false)
	v.Events()
	v.Press(1, x, y, false)
	v.Press(2, x+40, y, false)
	v.Press(3, x+80, y, false) // a third does nothing
	v.Drag(1, x-20, y)
	v.Drag(2, x+60, y)
	v.Drag(3, x, y)
	v.Release(1, x-20, y, false)
	v.Release(2, x+60, y, false)
	if l := v.zoom(); math.Abs(l.scale-2) > 1e-9 {
		t.Errorf("a pinch to twice the distance gives %+v", l)
	}
	if slices.Contains(kinds(v), proto.EventClick) {
		t.Error("a pinch clicks")
	}
	v.Release(7, 0, 0, false) // of nothing
	v.Drag(7, 0, 0)
}

func TestHover(t *testing.T) {
	v := start(t, 1280, 800, 1, state(nil))
	s := v.scene().(*networkScene)
	a, b := s.cells[3].middle(), s.cells[4].middle()
	v.Point(a.x, a.y)
	v.Point(b.x, b.y)
	if e := v.Events(); len(e) != 1 || e[0].Kind != proto.EventHover || e[0].Block != 1 {
		t.Errorf("of two moves in a frame the page hears %+v, want the last", e)
	}
	v.Leave()
	if e := v.Events(); len(e) != 1 || e[0].Part != proto.PartNone || e[0].Block != -1 {
		t.Errorf("on leaving the page hears %+v", e)
	}
	v.Leave()
	if e := v.Events(); e != nil {
		t.Errorf("on leaving twice the page hears %+v", e)
	}
	// The photo's own pixels, and the value that lies over it.
	take(t, v, sample.Overlay())
	frame(t, v)
	r := s.picture(s.cells[0])
	v.Point(r.x+r.w*0.252, r.y+r.h*0.752)
	o := v.model.overlay
	want := o.Scale.Value(o.Map[5*7+1]) // row 0.752·7, column 0.252·7
	event := proto.ViewEvent{
		Kind: proto.EventHover, Part: proto.PartPhoto, Block: -1, Channel: -1, Y: 168, X: 56, Known: true, Value: want,
		Network: -1, Layer: -1, Step: -1, Length: -1,
	}
	if e := v.Events(); len(e) != 1 || e[0] != event {
		t.Errorf("over the photo the page hears %+v, want %+v", e, event)
	}
}

// TestKeys: the arrows reach every cell of the network and every channel of a block, and bring them into the window.
func TestKeys(t *testing.T) {
	v := start(t, 900, 600, 1, state(nil))
	s := v.scene().(*networkScene)
	v.Wheel(400, 300, 0, -240, true)
	seen := map[int]bool{}
	for range s.cells {
		v.Key("ArrowRight", false)
		frame(t, v)
		i := s.cellOf(v.dynamic.hover)
		seen[i] = true
		if r := v.zoom().rect(s.cells[i].rect); r.x < -1 || r.y < -1 || r.right() > 901 || r.bottom() > 601 {
			t.Errorf("cell %d is highlighted and is at %+v", i, r)
		}
	}
	if len(seen) != len(s.cells) {
		t.Errorf("%d of %d cells are reached", len(seen), len(s.cells))
	}
	row := s.cells[s.cellOf(v.dynamic.hover)].row
	v.Key("ArrowUp", false)
	if got := s.cells[s.cellOf(v.dynamic.hover)].row; got != row-1 {
		t.Errorf("up leads from row %d to %d", row, got)
	}
	v.Events()
	frame(t, v)
	v.Key("Enter", false)
	if !v.Changed() {
		t.Error("Enter brings no frame, so the page would not hear of it")
	}
	v.Key("Escape", false)
	if got := kinds(v); !slices.Equal(got, []proto.ViewEventKind{proto.EventClick, proto.EventBack}) {
		t.Errorf("Enter and Escape give %v", got)
	}
	for _, key := range []string{"Tab", "a", "F5", "Shift"} {
		if v.Key(key, false) {
			t.Errorf("%s is taken", key)
		}
	}

	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 0 }))
	frame(t, v)
	b := v.scene().(*blockScene)
	v.Key("ArrowRight", false)
	for range 255 {
		frame(t, v)
		place := v.dynamic.hover.index
		if r := v.zoom().rect(b.grid.at(place)); r.y < -1 || r.bottom() > b.panes.size().h+1 {
			t.Fatalf("channel %d is highlighted and is at %+v", place, r)
		}
		v.Key("ArrowRight", false)
	}
	if v.dynamic.hover.index != 255 {
		t.Errorf("the last channel that is reached is %d, want 255", v.dynamic.hover.index)
	}
	if n := len(b.operators); n != 3 || v.dynamic.hover.y != -1 || v.dynamic.hover.known {
		t.Errorf("the keys' cursor has a place in the map: %+v", v.dynamic.hover)
	}
}

// TestWheel: a list scrolls; at its end, and at the end of the zoom, the wheel is the page's.
func TestWheel(t *testing.T) {
	v := start(t, 900, 600, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 4 }))
	w := v.scene().(*blockScene).columns[2].pane
	x, y := w.x+20, w.y+20
	if v.Wheel(x, y, 0, -100, false) {
		t.Error("at the list's beginning the wheel upwards is taken")
	}
	turns := 0
	for v.Wheel(x, y, 0, 100, false) {
		frame(t, v)
		turns++
	}
	if _, last := v.scene().(*blockScene).visible(v.zoom()); last != 511 {
		t.Errorf("after %d turns the last channel is %d, want 511", turns, last)
	}
	if v.zoom().scale != 1 {
		t.Error("the wheel zooms a list")
	}
	v = start(t, 900, 600, 1, state(nil))
	if v.Wheel(400, 300, 0, 100, false) {
		t.Error("at the zoom's end the wheel is taken")
	}
	if !v.Wheel(400, 300, 0, -100, false) || v.zoom().scale != math.Exp(100.0/320) {
		t.Errorf("after a turn of the wheel the network's scale is %v", v.zoom().scale)
	}
}

// TestTouchAreas: a finger moves the content only where there is more of it than is seen.
func TestTouchAreas(t *testing.T) {
	v := start(t, 900, 600, 1, state(nil))
	if g := v.TouchAreas(); len(g) != 0 {
		t.Errorf("the network as a whole has the touch areas %v", g)
	}
	v.Key("+", false)
	if g := v.TouchAreas(); len(g) != 1 || g[0] != (TouchArea{0, 0, 900, 600}) {
		t.Errorf("the enlarged network has the touch areas %v", g)
	}
	v = start(t, 900, 600, 1, state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 4 }))
	if g := v.TouchAreas(); len(g) != proto.Tensors {
		t.Errorf("a block has the touch areas %v", g)
	}
}
