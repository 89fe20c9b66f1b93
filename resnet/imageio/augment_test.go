package imageio

import (
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

//go:embed testdata/augment.json
var augmentGoldens []byte

// rgbPattern is pattern without its alpha.
func rgbPattern(size int) []byte {
	rgba := pattern(size, size)
	rgb := make([]byte, 0, 3*size*size)
	for at := 0; at < len(rgba); at += 4 {
		rgb = append(rgb, rgba[at:at+3]...)
	}
	return rgb
}

func TestVariationEqualsPillow(t *testing.T) {
	var goldens struct {
		Cases []struct {
			Variation
			SHA256, Start string
		}
	}
	if err := json.Unmarshal(augmentGoldens, &goldens); err != nil {
		t.Fatal(err)
	}
	if len(goldens.Cases) < 10 {
		t.Fatalf("only %d cases", len(goldens.Cases))
	}
	for _, c := range goldens.Cases {
		got := rgbPattern(56)
		c.Apply(got, got, 56, 56)
		if sum := sha256.Sum256(got); hex.EncodeToString(sum[:]) != c.SHA256 {
			t.Errorf("%+v differs from Pillow: it begins\n got %x\nwant %s", c.Variation, got[:24], c.Start)
		}
	}
}

// An Augment that allows nothing and the zero Variation leave the picture unchanged.
func TestAugmentIdentity(t *testing.T) {
	src := rgbPattern(31)
	r := rand.New(rand.NewPCG(1, 1))
	for _, a := range []Augment{{}, {MinArea: 1}, {MinArea: 1, MaxRatio: 1}} {
		for range 20 {
			dst := make([]byte, len(src))
			a.Draw(31, 31, r).Apply(dst, src, 31, 31)
			if !slices.Equal(dst, src) {
				t.Fatalf("%+v changes the picture", a)
			}
		}
	}
	dst := make([]byte, len(src))
	Variation{}.Apply(dst, src, 31, 31)
	if !slices.Equal(dst, src) {
		t.Error("the zero Variation changes the picture")
	}
}

// Two flips restore a picture. Saturation leaves a grey picture unchanged, and contrast a flat one.
func TestVariationLaws(t *testing.T) {
	const size = 17
	src := rgbPattern(size)
	got := slices.Clone(src)
	for range 2 {
		Variation{Flip: true}.Apply(got, got, size, size)
	}
	if !slices.Equal(got, src) {
		t.Error("two mirrors do not give the picture back")
	}
	grey, flat := make([]byte, len(src)), make([]byte, len(src))
	for i := range grey {
		grey[i], flat[i] = byte(i/3*7), 99
	}
	for _, c := range []struct {
		what string
		v    Variation
		src  []byte
	}{
		{"a grey picture's saturation", Variation{Saturation: 1.8}, grey},
		{"a flat picture's contrast", Variation{Contrast: 0.3}, flat},
		{"a flat picture's crop", Variation{X: 3, Y: 2, Width: 7, Height: 12}, flat},
	} {
		c.v.Apply(got, c.src, size, size)
		if !slices.Equal(got, c.src) {
			t.Errorf("%s changes it", c.what)
		}
	}
}

func TestAugmentDraw(t *testing.T) {
	const size, n = 224, 4000
	a := Augment{MinArea: 0.25, MaxRatio: 2, Flip: 0.3, Brightness: 0.4, Contrast: 0.1, Saturation: 1}
	r, again := rand.New(rand.NewPCG(3, 4)), rand.New(rand.NewPCG(3, 4))
	flips, left, right, smallest, widest := 0, 0, 0, 1.0, 1.0
	for range n {
		v := a.Draw(size, size, r)
		if v != a.Draw(size, size, again) {
			t.Fatal("the same seed draws another variation")
		}
		area, ratio := float64(v.Width*v.Height)/(size*size), float64(v.Width)/float64(v.Height)
		// Sides are whole pixels, at least 79 here: half a pixel of each is 1.3 % of the area and of the ratio.
		if area < 0.25*0.98 || ratio > 2*1.02 || ratio < 0.5*0.98 || v.X < 0 || v.Y < 0 || v.X+v.Width > size ||
			v.Y+v.Height > size {
			t.Fatalf("crop %+v", v)
		}
		for _, f := range []struct{ factor, span float64 }{{float64(v.Brightness), a.Brightness},
			{float64(v.Contrast), a.Contrast}, {float64(v.Saturation), a.Saturation}} {
			if math.Abs(f.factor-1) > f.span+1e-6 {
				t.Fatalf("factor %v beyond 1±%v", f.factor, f.span)
			}
		}
		if v.Flip {
			flips++
		}
		switch margin := size - v.Width; {
		case 2*v.X < margin:
			left++
		case 2*v.X > margin:
			right++
		}
		smallest, widest = min(smallest, area), max(widest, ratio)
	}
	// A count of n draws with probability p differs by more than five standard deviations once in two million.
	if off := math.Abs(float64(flips) - 0.3*n); off > 5*math.Sqrt(0.3*0.7*n) {
		t.Errorf("%d flips of %d, want 30 %%", flips, n)
	}
	if off := math.Abs(float64(left - right)); left+right < n/2 || off > 5*math.Sqrt(float64(left+right)) {
		t.Errorf("%d crops lie left and %d right", left, right)
	}
	if smallest > 0.27 || widest < 1.8 {
		t.Errorf("the smallest crop is %.2f of the area, the widest has ratio %.2f: the range is not used", smallest,
			widest)
	}
}

// A ratio without an area, or with all of it, makes crops narrower or flatter. A picture has no more area to give.
func TestAugmentRatioAlone(t *testing.T) {
	alone, whole := rand.New(rand.NewPCG(5, 6)), rand.New(rand.NewPCG(5, 6))
	narrow, flat := false, false
	for range 100 {
		v := Augment{MaxRatio: 2}.Draw(60, 60, alone)
		if want := (Augment{MinArea: 1, MaxRatio: 2}).Draw(60, 60, whole); v != want {
			t.Fatalf("%+v, want %+v", v, want)
		}
		narrow, flat = narrow || v.Width < v.Height, flat || v.Height < v.Width
	}
	if !narrow || !flat {
		t.Errorf("narrow: %v, flat: %v; want both", narrow, flat)
	}
}

func TestAugmentPanics(t *testing.T) {
	src := make([]byte, 3*4*4)
	r := rand.New(rand.NewPCG(1, 1))
	for i, f := range []func(){
		func() { Augment{MinArea: 1.1}.Draw(4, 4, r) },
		func() { Augment{Flip: -1}.Draw(4, 4, r) },
		func() { Augment{Contrast: math.NaN()}.Draw(4, 4, r) },
		func() { Augment{MaxRatio: 0.5}.Draw(4, 4, r) },
		func() { Variation{X: 1, Width: 4, Height: 4}.Apply(src, src, 4, 4) },
		func() { Variation{Width: 2}.Apply(src, src, 4, 4) },
		func() { Variation{Brightness: -1}.Apply(src, src, 4, 4) },
		func() { Variation{}.Apply(src, src, 5, 5) },
		func() { Variation{}.Apply(src[1:], src, 4, 4) },
	} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			f()
		})
	}
}

func BenchmarkVariation(b *testing.B) {
	src, dst := rgbPattern(224), make([]byte, 3*224*224)
	v := Variation{X: 10, Y: 20, Width: 180, Height: 190, Flip: true, Brightness: 1.1, Contrast: 0.9, Saturation: 1.1}
	for b.Loop() {
		v.Apply(dst, src, 224, 224)
	}
}
