package paint

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/seed8935e608/residua/wasm/proto"
)

// invented is what each of some blocks might know: it rises from a quarter, and is less at the last block.
func invented(blocks int) []float64 {
	known := make([]float64, blocks)
	for i := range known {
		known[i] = 0.25 + 0.7*float64(i)/float64(blocks)
	}
	known[blocks-1] = 0.6
	return known
}

func knowing(known []float64) proto.ViewState {
	return state(func(s *proto.ViewState) { s.Knowledge = known })
}

// filled is the number of device pixels of a block's bar that have the knowledge's colour, in the middle of its height.
func filled(v *View, block int) (pixels, wide int) {
	s := v.scene().(*networkScene)
	for _, c := range s.cells {
		if c.block != block {
			continue
		}
		r := devicePixels(layOutBlock(c.rect, s.bars).knowledge, v.viewport.ratio)
		shown, y := picture(v), (r.Min.Y+r.Max.Y)/2
		for x := r.Min.X; x < r.Max.X; x++ {
			at, want := shown.NRGBAAt(x, y), themeOf(v.model.state.Dark).knowledge
			if uint32(at.R) == want.r() && uint32(at.G) == want.g() && uint32(at.B) == want.b() {
				pixels++
			}
		}
		return pixels, r.Dx()
	}
	return 0, 0
}

// TestKnowledge: each block's bar is as full as it knows, on all canvases and in both themes. The tick and the rounding
// of the bar's ends hide at most three pixels.
func TestKnowledge(t *testing.T) {
	known := invented(16)
	known[0], known[1], known[2] = 0, 0.3, 0.9
	for _, size := range [][3]float64{{1280, 800, 1}, {390, 844, 1}, {390, 844, 2}, {844, 390, 1}} {
		for _, isDark := range []bool{false, true} {
			s := knowing(known)
			s.Dark = isDark
			v := start(t, int(size[0]*size[2]), int(size[1]*size[2]), size[2], s)
			for block, share := range known {
				got, wide := filled(v, block)
				if want := share * float64(wide); math.Abs(float64(got)-want) > 3*size[2] {
					t.Errorf("%v, dark %v: %d of %d pixels are filled at block %d, want %.0f",
						size, isDark, got, wide, block, want)
				}
			}
		}
	}
}

// TestKnowledgeOfOthers: without knowledge, or with that of a network with other blocks, all looks as before. Values
// that are no share do no harm.
func TestKnowledgeOfOthers(t *testing.T) {
	v := start(t, 640, 480, 1, state(nil))
	before := picture(v)
	labels := fmt.Sprint(v.labels.list)
	for _, other := range [][]float64{{}, invented(8), invented(17)} {
		v.SetState(knowing(other))
		frame(t, v)
		if at, ok := differ(before, picture(v)); ok || fmt.Sprint(v.labels.list) != labels {
			t.Errorf("the knowledge of %d blocks is seen at %v", len(other), at)
		}
	}
	strange := invented(16)
	strange[0], strange[1] = -1, 7
	v.SetState(knowing(strange))
	frame(t, v)
	if none, wide := filled(v, 0); none != 0 || wide == 0 {
		t.Errorf("a bar below zero has %d of %d pixels", none, wide)
	}
	v.SetState(state(nil))
	frame(t, v)
	if at, ok := differ(before, picture(v)); ok {
		t.Errorf("the knowledge leaves a trace at %v", at)
	}
}

// TestKnowledgeInWords: the number stands at each block where there is room, and a line says what the bars are.
func TestKnowledgeInWords(t *testing.T) {
	known := invented(16)
	for _, c := range []struct {
		w, h    int
		numbers int
		caption string
	}{{1280, 800, 16, "view.knowledge"}, {390, 844, 16, "view.knowledge.short"}, {200, 200, 0, ""}} {
		v := start(t, c.w, c.h, 1, knowing(known))
		var numbers []float64
		caption := ""
		for _, l := range v.labels.list {
			switch l.Key {
			case "view.share":
				numbers = append(numbers, l.Values["value"].Number)
			case "view.knowledge", "view.knowledge.short":
				caption = l.Key
			}
		}
		if !slices.Equal(numbers, known[:c.numbers]) || caption != c.caption {
			t.Errorf("%d×%d: the numbers %v, the caption %q", c.w, c.h, numbers, caption)
		}
	}
	// The same at a block without shortcuts, where nothing else is measured.
	plain := knowing(known)
	plain.Join = "none"
	v := start(t, 1280, 800, 1, plain)
	if got, wide := filled(v, 3); got == 0 || got == wide {
		t.Errorf("without shortcuts %d of %d pixels are filled", got, wide)
	}
}
