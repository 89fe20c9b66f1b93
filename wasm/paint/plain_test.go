package paint

import (
	"strings"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// TestPlain: of a network without shortcuts no shortcut is painted, named or hit, and nothing compares x and F.
func TestPlain(t *testing.T) {
	forbidden := []string{"shortcut", "project", "sum", "ratio", "cosine", "sweep", "tip.block", "tip.residual"}
	for _, sceneName := range []proto.ViewScene{proto.SceneNetwork, proto.SceneBlock} {
		o := sample.Overview(sample.Layers)
		for i := range o.Blocks {
			o.Blocks[i].NormX, o.Blocks[i].Cosine, o.Blocks[i].Projection = 0, 0, false // as the engine sends it
		}
		plain := state(func(s *proto.ViewState) { s.Join, s.Scene, s.Block = "none", sceneName, 2 })
		v := startWith(t, o, 900, 700, 1, plain)
		names := func(labels []Label, _ bool) {
			t.Helper()
			for _, l := range labels {
				for _, word := range forbidden {
					if strings.HasPrefix(l.Key, "view.head.") { // the page gives these words of their own
						continue
					}
					if strings.Contains(l.Key, word) {
						t.Errorf("%s: the canvas says %s", sceneName, l.Key)
					}
				}
			}
		}
		names(v.Labels())
		for y := 2.; y < 700; y += 5 {
			for x := 2.; x < 900; x += 7 {
				v.Point(x, y)
				if part := v.dynamic.hover.part; part == proto.PartShortcut {
					t.Fatalf("%s: there is a shortcut at %v, %v", sceneName, x, y)
				} else if part == proto.PartResidual || part == proto.PartBlock {
					names(v.Tips())
				}
			}
		}
	}
	for join, want := range map[string]bool{"none": false, "add": true} {
		v := start(t, 900, 700, 1, state(func(s *proto.ViewState) { s.Join = join }))
		s, pixels := v.scene().(*networkScene), picture(v)
		for i := range s.cells {
			at := &s.cells[i]
			if at.part != proto.PartBlock {
				continue
			}
			d := layOutBlock(at.rect, s.bars)
			// A place on the arc that no projection covers.
			on := v.zoom().rect(rect{d.f.right() + 1, d.arc, 0, 0})
			r, g, b, _ := pixels.At(int(on.x), int(on.y)).RGBA()
			x := themeOf(false).x
			if got := r>>8 == x.r() && g>>8 == x.g() && b>>8 == x.b(); got != want {
				t.Errorf("%q: block %d has a shortcut: %v", join, at.block, got)
			}
		}
	}
}

// TestActivations: each has its own graph in the block's scene.
func TestActivations(t *testing.T) {
	seen := map[string]string{}
	for _, name := range []string{"relu", "leaky-relu", "tanh", "silu"} {
		v := start(t, 1200, 800, 2, state(func(s *proto.ViewState) {
			s.Scene, s.Block, s.Nonlinearity = proto.SceneBlock, 2, name
		}))
		frame(t, v)
		pixels := string(picture(v).Pix)
		if other, twice := seen[pixels]; twice {
			t.Errorf("%s looks like %s", name, other)
		}
		seen[pixels] = name
	}
}
