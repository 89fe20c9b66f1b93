package paint

import (
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// BenchmarkStill paints a whole scene of 1280×800 pixels.
func BenchmarkStill(b *testing.B) {
	for _, s := range []proto.ViewScene{proto.SceneNetwork, proto.SceneBlock, proto.ScenePhoto, proto.SceneFilters} {
		b.Run(string(s), func(b *testing.B) {
			v := start(b, 1280, 800, 1, state(func(st *proto.ViewState) { st.Scene, st.Block = s, 4 }))
			b.ReportAllocs()
			for b.Loop() {
				v.dirty.image = true
				v.Draw()
			}
		})
	}
}

// BenchmarkHover points here and there.
func BenchmarkHover(b *testing.B) {
	for _, s := range []proto.ViewScene{proto.SceneNetwork, proto.SceneBlock} {
		b.Run(string(s), func(b *testing.B) {
			v := start(b, 1280, 800, 1, state(func(st *proto.ViewState) { st.Scene, st.Block = s, 4 }))
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				v.Point(300+float64(i%7)*50, 320+float64(i%5)*40)
				i++
				v.Update()
				v.Draw()
				v.outbox.events = v.outbox.events[:0]
			}
		})
	}
}

// BenchmarkPlay animates the photo.
func BenchmarkPlay(b *testing.B) {
	v := start(b, 1280, 800, 1, state(func(st *proto.ViewState) { st.Play = 0 }))
	b.ReportAllocs()
	s := v.model.state
	for i := 0; b.Loop(); i++ {
		s.Play = float64(i%1000) / 1000
		v.SetState(s)
		v.Update()
		v.Draw()
	}
}

// BenchmarkRelief turns four reliefs.
func BenchmarkRelief(b *testing.B) {
	v := startLab(b, 4, 1280, 800, 1, labState(proto.SceneLandscape, func(s *proto.ViewState) {
		s.Lab.Surface = proto.SurfaceRelief
	}))
	for b.Loop() {
		v.turn(3, 0)
		v.Update()
		v.Draw()
	}
}

// BenchmarkHeatStep shows another step of four networks.
func BenchmarkHeatStep(b *testing.B) {
	const steps = 1000
	v := startLab(b, 4, 1280, 800, 1, labState(proto.SceneHeat, func(s *proto.ViewState) { s.Lab.Steps = steps }))
	m := sample.LabStep(sample.Lab(4), 10)
	for i := 0; b.Loop(); i++ {
		m.Step = sample.LabSteps + i%(steps-sample.LabSteps)
		if err := v.Receive(m); err != nil {
			b.Fatal(err)
		}
		v.Update()
		v.Draw()
	}
}
