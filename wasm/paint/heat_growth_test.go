package paint

import (
	"bytes"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// TestHeatGrows: a picture to which columns were added is that of a view that paints all of it.
func TestHeatGrows(t *testing.T) {
	lab := sample.Lab(4)
	s := labState(proto.SceneHeat, func(s *proto.ViewState) { s.Lab.Steps = 60 })
	views := [2]*View{New(), New()} // the second paints all
	both := func(do func(v *View)) {
		for _, v := range views {
			do(v)
		}
	}
	grown := 0
	check := func(what string, grows bool) {
		t.Helper()
		views[1].layers.painted = nil
		boxes := frame(t, views[0])
		frame(t, views[1])
		has := len(boxes) > 0 && boxes[0] != views[0].layers.damage.bounds
		if has != grows {
			t.Errorf("%s: the boxes %v are painted", what, boxes)
		}
		if has {
			grown++
		}
		if !bytes.Equal(views[0].layers.composed.pix, views[1].layers.composed.pix) {
			t.Fatalf("%s: the picture is another", what)
		}
	}
	step := func(k int, like int) {
		both(func(v *View) {
			m := sample.LabStep(lab, like)
			m.Step = k
			take(t, v, m)
		})
	}
	both(func(v *View) {
		v.Resize(701, 503, 1.5)
		v.SetState(s)
		take(t, v, lab)
	})
	check("no step", false)
	for k := range 20 {
		step(k, 10)
		check("a step", k > 0) // the first brings the scale
	}
	step(25, 10)
	check("a gap", true)
	step(26, 10)
	step(27, 10)
	check("two steps", true)
	both(func(v *View) {
		b := v.scene().(*heatScene).panels[0].box
		v.Point(b.x+b.w*27.5/60, b.y+b.h/3)
	})
	check("the pointer", true)
	step(28, 10)
	check("a step under the pointer", true)
	step(29, 0) // has other decades
	check("another scale", false)
	both(func(v *View) { v.SetState(labState(proto.SceneSignal, nil)) })
	frame(t, views[0])
	frame(t, views[1])
	step(30, 0)
	both(func(v *View) { v.SetState(s) })
	check("another scene between", false)
	both(func(v *View) { v.Resize(640, 480, 1) })
	check("another size", false)
	both(func(v *View) { take(t, v, sample.Lab(4)) })
	for k := range 40 {
		step(k, 0)
	}
	check("another run", false)
	s.Lab.Network, s.Lab.Layer, s.Lab.Step = 1, 3, 38
	both(func(v *View) { v.SetState(s) })
	check("a selected cell", false)
	step(40, 0)
	check("a step beside it", false)
	s.Lab.Network, s.Lab.Layer, s.Lab.Step, s.Lab.Steps = -1, -1, -1, 4000
	both(func(v *View) { v.SetState(s) })
	check("more steps", false)
	step(900, 0)
	check("many columns", true)
	step(1500, 0)
	check("two steps a column", false)
	step(1501, 0)
	check("the same column", true)
	if grown < 20 {
		t.Errorf("only %d pictures grew", grown)
	}
}

// TestLabelsChange: labels that look the same have not changed.
func TestLabelsChange(t *testing.T) {
	lab := sample.Lab(2)
	v := startLab(t, 2, 900, 600, 1, labState(proto.SceneHeat, func(s *proto.ViewState) { s.Lab.Steps = 400 }))
	next := func(step, like int) bool {
		m := sample.LabStep(lab, like)
		m.Step = step
		take(t, v, m)
		v.Update()
		_, changed := v.Labels()
		return changed
	}
	if next(sample.LabSteps, 10) {
		t.Error("a step has changed the labels")
	}
	v.Resize(800, 600, 1)
	if !next(sample.LabSteps+1, 10) {
		t.Error("another size has not")
	}
}
