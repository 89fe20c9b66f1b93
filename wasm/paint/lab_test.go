package paint

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/wasm/paint/sample"
	"github.com/seed8935e608/residua/wasm/proto"
)

// labState is the page's state for one of the lab's scenes.
func labState(scene proto.ViewScene, change func(*proto.ViewState)) proto.ViewState {
	return state(func(s *proto.ViewState) {
		l := noLabState
		s.Scene, s.Lab = scene, &l
		if change != nil {
			change(s)
		}
	})
}

// startLab is a view of the sample's networks with all of their numbers.
func startLab(t testing.TB, networks, w, h int, ratio float64, s proto.ViewState) *View {
	t.Helper()
	v := New()
	v.Resize(w, h, ratio)
	v.SetState(s)
	lab := sample.Lab(networks)
	take(t, v, lab)
	take(t, v, sample.LabSignal(lab))
	for k := range sample.LabSteps {
		take(t, v, sample.LabStep(lab, k))
	}
	for k := range networks {
		take(t, v, sample.LabLandscape(k))
		if k%2 == 0 {
			take(t, v, sample.LabPaths(k))
		}
	}
	frame(t, v)
	return v
}

// TestLabGolden: see TestGolden.
func TestLabGolden(t *testing.T) {
	for name, g := range map[string]struct {
		networks, w, h int
		ratio          float64
		state          proto.ViewState
		act            func(v *View)
	}{
		"lab-signal": {networks: 2, w: 960, h: 540, ratio: 1, state: labState(proto.SceneSignal, nil),
			act: func(v *View) { v.Point(300, 300) }},
		"lab-signal-phone": {networks: 4, w: 390, h: 700, ratio: 2, state: labState(proto.SceneSignal,
			func(s *proto.ViewState) { s.Dark = true })},
		"lab-heat": {networks: 4, w: 960, h: 640, ratio: 1, state: labState(proto.SceneHeat, nil),
			act: func(v *View) { v.Point(400, 200) }},
		"lab-heat-phone": {networks: 2, w: 390, h: 700, ratio: 1, state: labState(proto.SceneHeat,
			func(s *proto.ViewState) { s.Lab.Steps, s.Dark, s.Map = 300, true, proto.ColormapMagma })},
		"lab-contours": {networks: 2, w: 640, h: 420, ratio: 1, state: labState(proto.SceneLandscape, nil),
			act: func(v *View) { v.Point(300, 300) }},
		"lab-contours-phone": {networks: 2, w: 320, h: 480, ratio: 1, state: labState(proto.SceneLandscape,
			func(s *proto.ViewState) { s.Dark = true })},
		"lab-relief": {networks: 2, w: 640, h: 360, ratio: 1, state: labState(proto.SceneLandscape,
			func(s *proto.ViewState) { s.Lab.Surface = proto.SurfaceRelief })},
		"lab-relief-dark": {networks: 1, w: 320, h: 320, ratio: 1, state: labState(proto.SceneLandscape,
			func(s *proto.ViewState) { s.Lab.Surface, s.Dark = proto.SurfaceRelief, true })},
		"lab-paths": {networks: 4, w: 1280, h: 600, ratio: 1, state: labState(proto.ScenePaths, nil),
			act: func(v *View) { v.Point(300, 300) }},
		"lab-paths-phone": {networks: 2, w: 390, h: 844, ratio: 2, state: labState(proto.ScenePaths,
			func(s *proto.ViewState) { s.Dark = true })},
	} {
		t.Run(name, func(t *testing.T) {
			v := startLab(t, g.networks, g.w, g.h, g.ratio, g.state)
			if g.act != nil {
				g.act(v)
				frame(t, v)
			}
			checkGolden(t, name, v)
		})
	}
}

// labScenes are the lab's scenes with what can be chosen of each.
func labScenes() []proto.ViewState {
	var all []proto.ViewState
	add := func(scene proto.ViewScene, q proto.ViewQuantity, surface proto.ViewSurface) {
		all = append(all, labState(scene, func(s *proto.ViewState) {
			s.Lab.Quantity, s.Lab.Surface = q, surface
			s.Words = map[string]string{"view.lab.bad": "no finite number"}
		}))
	}
	for _, q := range proto.ViewQuantities[1:] {
		add(proto.SceneSignal, q, proto.SurfaceContours)
		add(proto.SceneHeat, q, proto.SurfaceContours)
	}
	for _, surface := range proto.ViewSurfaces {
		add(proto.SceneLandscape, proto.QuantityNone, surface)
	}
	add(proto.ScenePaths, proto.QuantityNone, proto.SurfaceContours)
	return all
}

// TestLabLabels: as TestLabels, for the lab's scenes, with and without numbers. The contours' numbers and the bands'
// names lie on what they name, so they are left out of what may not overlap.
func TestLabLabels(t *testing.T) {
	used := map[string]bool{}
	for _, size := range [][2]int{{1280, 800}, {390, 700}, {320, 640}, {844, 390}, {700, 500}} {
		for _, s := range labScenes() {
			for _, networks := range []int{1, 2, 4} {
				v := startLab(t, networks, size[0], size[1], 1, s)
				empty := New()
				empty.Resize(size[0], size[1], 1)
				empty.SetState(s)
				take(t, empty, sample.Lab(networks))
				frame(t, empty)
				for _, v := range []*View{v, empty} {
					for range 3 {
						v.Key("ArrowRight", false)
					}
					v.Point(float64(size[0])*0.3, float64(size[1])*0.3)
					v.Update()
					tips, _ := v.Tips()
					var boxes []named
					for _, l := range slices.Concat(v.labels.list, tips) {
						used[l.Key] = true
						if !slices.Contains(Keys, l.Key) {
							t.Errorf("%s is not one of Keys", l.Key)
						}
						band := l.Key == "view.lab.vanishes" || l.Key == "view.lab.explodes"
						if l.Tone == Tip || l.Tone == Halo || band {
							continue
						}
						boxes = append(boxes, named{fmt.Sprint(l.Key, l.Values), rect{l.X, l.Y, l.W, l.H}})
					}
					apart(t, rect{0, 0, v.viewport.width(), v.viewport.height()}, boxes)
					if t.Failed() {
						t.Fatalf("at %v, scene %s %+v, %d networks", size, s.Scene, *s.Lab, networks)
					}
				}
			}
		}
	}
	for _, key := range Keys {
		if strings.HasPrefix(key, "view.lab.") && !used[key] {
			t.Errorf("%s is one of Keys, and never used", key)
		}
	}
}

// TestLabRefuses: numbers of networks and layers that the run does not have are refused.
func TestLabRefuses(t *testing.T) {
	v := startLab(t, 2, 640, 480, 1, labState(proto.SceneHeat, nil))
	short := sample.LabStep(sample.Lab(2), sample.LabSteps)
	n := &short.Networks[1]
	n.Activations, n.OutputGradients = n.Activations[1:], n.OutputGradients[1:]
	n.WeightGradients = n.WeightGradients[1:]
	for _, m := range []proto.ViewMessage{
		sample.LabStep(sample.Lab(3), sample.LabSteps), sample.LabSignal(sample.Lab(1)), short, sample.LabLandscape(2),
		sample.LabPaths(2), &proto.ViewRequest{Count: 1},
	} {
		if err := v.Receive(m); err == nil {
			t.Errorf("%T is taken", m)
		}
	}
	if v.model.lab.history.steps != sample.LabSteps {
		t.Errorf("a refused step has been added")
	}
	take(t, v, sample.Lab(1))
	frame(t, v)
	if h := &v.model.lab.history; h.columns != 0 || v.model.lab.signal != nil || v.model.lab.landscapes[0] != nil {
		t.Error("a new run keeps the old one's numbers")
	}
}

// TestLabPoints: what a person points at, by pointer and by keys, has the numbers of the messages.
func TestLabPoints(t *testing.T) {
	lab := sample.Lab(2)
	last := func(v *View) proto.ViewEvent {
		t.Helper()
		v.Update()
		e := v.Events()
		if len(e) == 0 {
			t.Fatal("there is no event")
		}
		return e[len(e)-1]
	}
	v := startLab(t, 2, 1280, 800, 1, labState(proto.SceneSignal, nil))
	v.Key("ArrowRight", false)
	v.Key("ArrowRight", false)
	v.Key("ArrowDown", false)
	e := last(v)
	want := sample.LabSignal(lab).Networks[1].Activations[1]
	if e.Part != proto.PartLayer || e.Network != 1 || e.Layer != 1 || e.Value != float64(want) {
		t.Errorf("two to the right and one down in the signal is %+v, want %v", e, want)
	}

	v = startLab(t, 2, 1280, 800, 1, labState(proto.SceneHeat, nil))
	b := v.scene().(*heatScene).panels[1].box
	v.Point(b.x+b.w*20.5/sample.LabSteps, b.y+b.h*7.5/56)
	e = last(v)
	want = sample.LabStep(lab, 20).Networks[1].OutputGradients[7]
	// A logarithm in a float32 has an error of 6e-8 of its size, which is below 8.
	if e.Part != proto.PartCell || e.Step != 20 || e.Layer != 7 || math.Abs(e.Value/float64(want)-1) > 2e-6 {
		t.Errorf("in the heat map the page hears %+v, want %v", e, want)
	}
	v.Key("Enter", false)
	if e := last(v); e.Kind != proto.EventClick || e.Step != 20 {
		t.Errorf("Enter is %+v", e)
	}

	for _, surface := range proto.ViewSurfaces {
		v = startLab(t, 2, 1280, 800, 1, labState(proto.SceneLandscape, func(s *proto.ViewState) {
			s.Lab.Surface = surface
		}))
		s := v.scene().(*landscapeScene)
		at, _ := s.place(s.target(1, 24, 9)) // an edge that is in front of all else
		v.Point(at.x, at.y)
		e = last(v)
		want = sample.LabLandscape(1).Losses[24*25+9]
		if e.Part != proto.PartSurface || e.Network != 1 || e.Y != 24 || e.X != 9 || e.Value != float64(want) {
			t.Errorf("in the %s the page hears %+v, want %v", surface, e, want)
		}
	}

	v = startLab(t, 2, 1280, 800, 1, labState(proto.ScenePaths, nil))
	for range 5 {
		v.Key("ArrowRight", false)
	}
	if e = last(v); e.Part != proto.PartPath || e.Length != 4 || e.Value != float64(sample.LabPaths(0).Gradients[4]) {
		t.Errorf("the fifth length is %+v", e)
	}
}

// TestReliefTurns: a drag turns a relief and takes a finger from the page; contours it leaves alone.
func TestReliefTurns(t *testing.T) {
	v := startLab(t, 2, 640, 480, 1, labState(proto.SceneLandscape, func(s *proto.ViewState) {
		s.Lab.Surface = proto.SurfaceRelief
	}))
	s := v.scene().(*landscapeScene)
	before := s.angle
	if len(v.TouchAreas()) == 0 {
		t.Error("a finger scrolls the page")
	}
	v.Press(1, 100, 100, true)
	v.Drag(1, 140, 120)
	v.Release(1, 140, 120, false)
	if s.angle != (angle{before.yaw + 20, before.pitch + 10}) || !v.dirty.image {
		t.Errorf("a drag of 40 and 20 turns %v to %v", before, s.angle)
	}
	v.Key("ArrowLeft", false)
	if s.angle.yaw >= before.yaw+20 {
		t.Error("the arrow key does not turn")
	}
	v.SetState(labState(proto.SceneLandscape, nil))
	frame(t, v)
	turned := s.angle
	v.Press(1, 100, 100, true)
	v.Drag(1, 140, 120)
	if s.angle != turned || len(v.TouchAreas()) != 0 {
		t.Error("contours turn")
	}
}

// TestLabIdle: steps that no scene shows, and the same state again, paint nothing.
func TestLabIdle(t *testing.T) {
	lab := sample.Lab(2)
	v := startLab(t, 2, 640, 480, 1, labState(proto.SceneSignal, nil))
	v.SetState(v.model.state)
	take(t, v, sample.LabStep(lab, sample.LabSteps))
	if v.Changed() {
		t.Error("a step that is not shown changes the picture")
	}
	v.SetState(labState(proto.SceneSignal, func(s *proto.ViewState) { s.Lab.Live = true }))
	frame(t, v)
	take(t, v, sample.LabStep(lab, sample.LabSteps+1))
	if !v.Changed() {
		t.Error("a live signal does not follow the steps")
	}
}

// TestNetworkColours: the networks' colours are those of the page, are seen on its grounds (3:1, WCAG 2.2, 1.4.11), and
// are told apart also without one of the three kinds of cones (Machado, Oliveira and Fernandes, 2009): a distance of
// 0.14 in OKLab, seven times a just noticeable one.
func TestNetworkColours(t *testing.T) {
	css, err := os.ReadFile("../../web/static/page/style.css")
	if err != nil {
		t.Fatal(err)
	}
	vision := map[string][9]float64{
		"all cones": {1, 0, 0, 0, 1, 0, 0, 0, 1},
		"no red":    {0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998},
		"no green":  {0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881},
		"no blue":   {1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900},
	}
	lightCSS, darkCSS, _ := strings.Cut(string(css), `[data-theme="dark"]`)
	for _, page := range []struct {
		*theme
		css string
	}{{&light, lightCSS}, {&dark, darkCSS}} {
		for i, c := range page.networks {
			token := fmt.Sprintf("--network-%d: #%02x%02x%02x;", i+1, c.r(), c.g(), c.b())
			if !strings.Contains(page.css, token) {
				t.Errorf("style.css has no %s (dark: %v)", token, page.dark)
			}
			for _, ground := range [...]Color{page.paper, page.card} {
				if got := contrast(c, ground); got < 3 {
					t.Errorf("network %d has a contrast of %.2f (dark: %v)", i+1, got, page.dark)
				}
			}
			for k := range i {
				for name, m := range vision {
					if d := distance(oklab(seen(page.networks[k], m)), oklab(seen(c, m))); d < 0.14 {
						t.Errorf("%s: networks %d and %d are %.3f apart (dark: %v)", name, k+1, i+1, d, page.dark)
					}
				}
			}
		}
	}
}

// lightOf is a colour's light, 0 … 1.
func lightOf(c Color) (v [3]float64) {
	for i, b := range [...]uint32{c.r(), c.g(), c.b()} {
		v[i] = linear(b)
	}
	return v
}

func contrast(a, b Color) float64 {
	of := func(c Color) float64 {
		v := lightOf(c)
		return 0.2126*v[0] + 0.7152*v[1] + 0.0722*v[2] + 0.05
	}
	return max(of(a), of(b)) / min(of(a), of(b))
}

// seen is the light as other eyes see it.
func seen(c Color, m [9]float64) (v [3]float64) {
	l := lightOf(c)
	for i := range v {
		v[i] = min(max(m[3*i]*l[0]+m[3*i+1]*l[1]+m[3*i+2]*l[2], 0), 1)
	}
	return v
}

// oklab is Ottosson's (2020).
func oklab(v [3]float64) [3]float64 {
	l := math.Cbrt(0.4122214708*v[0] + 0.5363325363*v[1] + 0.0514459929*v[2])
	m := math.Cbrt(0.2119034982*v[0] + 0.6806995451*v[1] + 0.1073969566*v[2])
	s := math.Cbrt(0.0883024619*v[0] + 0.2817188376*v[1] + 0.6299787005*v[2])
	return [3]float64{
		0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

func distance(a, b [3]float64) float64 {
	return math.Sqrt((a[0]-b[0])*(a[0]-b[0]) + (a[1]-b[1])*(a[1]-b[1]) + (a[2]-b[2])*(a[2]-b[2]))
}
