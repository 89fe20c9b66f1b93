package skiplab

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// stripes is a set of n pictures of each class, 4×4 and grey, each of one value: its own number.
func stripes(classes []string, n int) *Set {
	s := &Set{Classes: classes, Height: 4, Width: 4, Channels: 1}
	for i := range n * len(classes) {
		s.Pictures = append(s.Pictures, slices.Repeat([]byte{byte(i)}, 16)...)
		s.Labels = append(s.Labels, i%len(classes))
	}
	return s
}

func TestSplit(t *testing.T) {
	s := stripes([]string{"a", "b"}, 50)
	d := Data{Size: 8, Train: 60, Held: 20}
	learn, held, err := s.Split(d)
	if err != nil {
		t.Fatal(err)
	}
	if learn.Len() != 60 || held.Len() != 20 {
		t.Fatalf("%d pictures to learn from and %d held out, want 60 and 20", learn.Len(), held.Len())
	}
	seen := map[byte]bool{}
	for _, side := range []*Examples{learn, held} {
		counts := [2]int{}
		x := make([]float32, 8*8*3)
		for i, label := range side.Labels {
			counts[label]++
			value := side.Pixels[i*8*8*3]
			if seen[value] {
				t.Errorf("picture %d is on both sides, or twice", value)
			}
			seen[value] = true
			if int(value)%2 != label {
				t.Errorf("picture %d has the label %d", value, label)
			}
			side.Read(x, i)
			// A float32's rounding apart.
			if want := float64(value) / 255 / math.Sqrt(3); math.Abs(float64(x[0])-want) > 1e-7 || x[len(x)-1] != x[0] {
				t.Errorf("picture %d is read as %v … %v", value, x[0], x[len(x)-1])
			}
		}
		if counts[0] != counts[1] {
			t.Errorf("the classes have %v pictures, want as many of each", counts)
		}
	}
	again, _, _ := s.Split(d)
	if !slices.Equal(again.Pixels, learn.Pixels) {
		t.Error("the same split gives other pictures")
	}
}

// A set that is too small gives both sides their share.
func TestSplitSmall(t *testing.T) {
	learn, held, err := stripes([]string{"a", "b"}, 10).Split(Data{Size: 8, Train: 2400, Held: 600})
	if err != nil || learn.Len() != 16 || held.Len() != 4 {
		t.Errorf("%v, %v: %v; want 16 and 4", learn.Len(), held.Len(), err)
	}
}

func TestSplitDomains(t *testing.T) {
	s := stripes([]string{"a", "b"}, 10)
	s.Domains, s.DomainOf = []string{"drawn", "rendered"}, make([]uint8, 20)
	for i := range 10 {
		s.DomainOf[i] = 1
	}
	learn, held, err := s.Split(Data{Size: 8, Train: 6, Held: 4, Domain: "rendered"})
	if err != nil {
		t.Fatal(err)
	}
	for _, side := range []*Examples{learn, held} {
		for i := range side.Labels {
			if value := side.Pixels[i*8*8*3]; value >= 10 {
				t.Errorf("picture %d is of the other domain", value)
			}
		}
	}
}

func TestSplitRefuses(t *testing.T) {
	alone := stripes([]string{"a"}, 4)
	empty := stripes([]string{"a", "b"}, 4)
	empty.Classes = append(empty.Classes, "c")
	wrong := stripes([]string{"a", "b"}, 4)
	wrong.Labels[3] = 2
	short := stripes([]string{"a", "b"}, 4)
	short.Pictures = short.Pictures[1:]
	few := stripes([]string{"a", "b"}, 1)
	d := Data{Size: 8, Train: 4, Held: 2}
	other := d
	other.Domain = "painted"
	for name, c := range map[string]struct {
		set  *Set
		data Data
		want Why
	}{
		"one class":            {alone, d, WhyOneClass},
		"an empty class":       {empty, d, WhyTooFew},
		"a label of no class":  {wrong, d, WhySetting},
		"a byte is missing":    {short, d, WhySetting},
		"one of each class":    {few, d, WhyNoHeld},
		"a domain without any": {stripes([]string{"a", "b"}, 4), other, WhyNoSet},
	} {
		_, _, err := c.set.Split(c.data)
		var known *Error
		if !errors.As(err, &known) || known.Why != c.want {
			t.Errorf("%s: %v, want the reason %q", name, err, c.want)
		}
	}
}
