package paint

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// TestLabels: at all sizes of the canvas, labels are on it, large enough to be read, and do not overlap.
// Every key is one of Keys, and every one of Keys is used.
func TestLabels(t *testing.T) {
	used := map[string]bool{}
	check := func(v *View, tips bool) {
		t.Helper()
		labels, _ := v.Labels()
		if tips {
			more, _ := v.Tips()
			labels = slices.Concat(labels, more)
		}
		var boxes []named
		for _, l := range labels {
			used[l.Key] = true
			if !slices.Contains(Keys, l.Key) {
				t.Errorf("%s is not one of Keys", l.Key)
			}
			if l.Tone == Tip {
				continue
			}
			if l.Size < minSize {
				t.Errorf("%s has letters of %v", l.Key, l.Size)
			}
			boxes = append(boxes, named{fmt.Sprint(l.Key, l.Values), rect{l.X, l.Y, l.W, l.H}})
		}
		if v.zoom().scale == 1 {
			apart(t, rect{0, 0, v.viewport.width(), v.viewport.height()}, boxes)
		}
	}
	for _, size := range [][2]int{{1280, 800}, {390, 844}, {844, 390}, {320, 480}, {1920, 1080}, {700, 500}} {
		for _, scene := range lookScenes {
			for _, block := range []int{3, 4} {
				s := state(func(s *proto.ViewState) { s.Scene, s.Block = scene, block })
				if block == 4 {
					s.Knowledge = invented(16)
				}
				v := start(t, size[0], size[1], 1, s)
				check(v, false)
				take(t, v, sample.Overlay())
				frame(t, v)
				check(v, false)
				for pass := range 2 {
					for y := 4.0; y < v.viewport.height(); y += 11 {
						for x := 4.0; x < v.viewport.width(); x += 29 {
							v.Point(x, y)
							v.Update()
							for _, l := range second(v.Tips()) {
								used[l.Key] = true
							}
						}
					}
					check(v, true)
					if pass == 0 {
						take(t, v, sample.Sweep(v.model.trace))
						frame(t, v)
					}
				}
				if t.Failed() {
					t.Fatalf("at %v, scene %s", size, scene)
				}
			}
		}
	}
	for _, key := range Keys {
		if !used[key] && !strings.HasPrefix(key, "view.lab.") { // see TestLabLabels
			t.Errorf("%s is one of Keys, and never used", key)
		}
	}
}

func second(labels []Label, _ bool) []Label { return labels }

// TestLabelValues: the labels have the trace's numbers.
func TestLabelValues(t *testing.T) {
	v := start(t, 1280, 800, 1, state(nil))
	s := v.scene().(*networkScene)
	labels, _ := v.Labels()
	stage, percents := 0, []float64(nil)
	var classes []Value
	for _, l := range v.labels.list {
		switch l.Key {
		case "view.stage":
			stage++
			want := 128 * math.Pow(2, float64(stage))
			if l.Values["channels"].Number != want || l.Values["stage"].Number != float64(stage) ||
				l.Values["index"].Text != "1" {
				t.Errorf("stage %d is %+v", stage, l.Values)
			}
		case "view.percent":
			percents = append(percents, l.Values["value"].Number)
		case "view.class":
			classes = append(classes, l.Values["label"])
		}
	}
	second := v.model.trace.Top[1]
	if len(classes) != 5 || classes[1] != (Value{second.Label, float64(second.Index), Class}) {
		t.Errorf("the classes are %+v, want the second to be %+v", classes, second)
	}
	if stage != 4 || !slices.Equal(percents, []float64{0.8125, 0.09375, 0.046875, 0.015625, 0.0078125}) {
		t.Errorf("%d stages, the answers %v, of %d labels", stage, percents, len(labels))
	}

	c := s.cells[slices.IndexFunc(s.cells, func(c cell) bool { return c.block == 5 })]
	v.Point(c.x+2, c.bottom()-0.5)
	frame(t, v)
	b := v.model.trace.Blocks[5]
	if len(v.tips.list) != 1 {
		t.Fatalf("over block 5 the tips are %+v", v.tips.list)
	}
	tip := v.tips.list[0]
	ratio, cosine := tip.Values["ratio"].Number, tip.Values["cosine"].Number
	if tip.Key != "view.tip.block" || tip.Values["name"].Text != "2.3" ||
		ratio != float64(b.NormF)/float64(b.NormX) || cosine != float64(b.Cosine) {
		t.Errorf("over block 5 the tip is %+v", tip)
	}

	// Of the values at one place, x and F(x) make the sum, within the steps of their bytes.
	v.SetState(state(func(s *proto.ViewState) { s.Scene, s.Block = proto.SceneBlock, 4 }))
	frame(t, v)
	w := v.scene().(*blockScene).columns[0].pane
	v.Point(w.x+50, w.y+60)
	frame(t, v)
	var values []float64
	for _, l := range v.tips.list {
		if l.Key == "view.value" {
			values = append(values, l.Values["value"].Number)
		}
	}
	if len(values) != proto.Tensors {
		t.Fatalf("the values are %v", values)
	}
	// A byte is off by up to half a step, which is the scale's length / 510. The lengths are 2, 3, 4.5 and 3.
	x, f, sum, y := values[0], values[1], values[2], values[3]
	if math.Abs(x+f-sum) > (2+3+4.5)/510 || math.Abs(max(sum, 0)-y) > (4.5+3)/510 {
		t.Errorf("x, F(x), sum and y are %v", values)
	}
}
