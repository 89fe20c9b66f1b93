package skiplab

import (
	"math/rand/v2"
	"slices"

	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/resnet/train"
)

// A Set is labelled pictures.
type Set struct {
	Name          string
	Classes       []string
	Height, Width int
	Channels      int      // 1, grey, or 3: red, green, blue
	Pictures      []byte   // N×Height×Width×Channels
	Labels        []int    // N
	Domains       []string // names of the domains; none: there is one domain
	DomainOf      []uint8  // N, if there are domains
}

// Check returns an *Error if the set contradicts itself.
func (s *Set) Check() error {
	each := s.Height * s.Width * s.Channels
	switch {
	case s.Height < 1 || s.Width < 1 || s.Channels != 1 && s.Channels != 3:
		return fault(WhySetting, "pictures of %d×%d×%d", s.Height, s.Width, s.Channels)
	case len(s.Pictures) != each*len(s.Labels) ||
		len(s.Domains) > 0 && len(s.DomainOf) != len(s.Labels):
		return fault(WhySetting, "%d bytes of pictures, %d labels and %d domains do not fit together",
			len(s.Pictures), len(s.Labels), len(s.DomainOf))
	case len(s.Classes) < 2:
		return fault(WhyOneClass, "%d classes, where two are the least", len(s.Classes))
	}
	for _, label := range s.Labels {
		if label < 0 || label >= len(s.Classes) {
			return fault(WhySetting, "the label %d, where there are %d classes", label, len(s.Classes))
		}
	}
	return nil
}

// Examples are pictures at the networks' size, with their labels.
type Examples struct {
	Size   int
	Pixels []byte // N×Size×Size×3
	Labels []int
}

// Len is how many there are.
func (e *Examples) Len() int { return len(e.Labels) }

// deviation is what numbers from 0 to 1 are divided by. So the three equal channels of a grey picture are together as
// strong as the one channel of networks for grey pictures, and what networks without norms do is the same.
const deviation = 1.7320508075688772 // √3

// Read writes picture i to dst as a network takes it: Size×Size×3 numbers from 0 to 1/√3.
func (e *Examples) Read(dst []float32, i int) {
	each := e.Size * e.Size * 3
	for k, v := range e.Pixels[i*each:][:each] {
		dst[k] = float32(v) * (1 / (255 * deviation))
	}
}

// pictures is the same for a training.
func (e *Examples) pictures() train.Pictures {
	return train.Pictures{Labels: e.Labels, Read: func(dst []float32, i, _ int) { e.Read(dst, i) }}
}

// batch reads the first n, or all, as a network takes them.
func (e *Examples) batch(n int) (x []float32, labels []int) {
	n = min(n, e.Len())
	each := e.Size * e.Size * 3
	x = make([]float32, n*each)
	for i := range n {
		e.Read(x[i*each:][:each], i)
	}
	return x, e.Labels[:n]
}

// first is the first n, or all.
func (e *Examples) first(n int) *Examples {
	n = min(n, e.Len())
	return &Examples{e.Size, e.Pixels[:n*e.Size*e.Size*3], e.Labels[:n]}
}

// splitSeed draws what is held out. It is the same for all runs, so that their networks can be compared.
const splitSeed = 1

// Split takes the pictures of the domain that d names, at the size it names, and parts them: some to learn from, some
// to judge by. Both sides have the classes in the set's own shares, as far as the numbers allow. A set that is smaller
// than d asks for gives what it has, in d's proportion. It returns an *Error if a side has none, or a class has none to
// learn from.
func (s *Set) Split(d Data) (learn, held *Examples, err error) {
	if err := s.Check(); err != nil {
		return nil, nil, err
	}
	domain := slices.Index(s.Domains, d.Domain)
	if d.Domain != "" && domain < 0 {
		return nil, nil, fault(WhyNoSet, "the pictures have no domain %q", d.Domain)
	}
	byClass := make([][]int, len(s.Classes))
	n := 0
	for i, label := range s.Labels {
		if domain < 0 || int(s.DomainOf[i]) == domain {
			byClass[label] = append(byClass[label], i)
			n++
		}
	}
	if n == 0 {
		return nil, nil, fault(WhyNoSet, "there are no pictures")
	}
	r := rand.New(rand.NewPCG(splitSeed, 0))
	share := min(1, float64(n)/float64(d.Train+d.Held)) // of what is asked for
	var toLearn, toHold []int
	for class, of := range byClass {
		r.Shuffle(len(of), func(i, j int) { of[i], of[j] = of[j], of[i] })
		part := float64(len(of)) / float64(n)
		hold := int(part*share*float64(d.Held) + 0.5)
		learn := min(int(part*share*float64(d.Train)+0.5), len(of)-hold)
		if learn < 1 {
			return nil, nil, fault(WhyTooFew, "the class %q has no pictures to learn from", s.Classes[class])
		}
		toHold, toLearn = append(toHold, of[:hold]...), append(toLearn, of[hold:hold+learn]...)
	}
	if len(toHold) == 0 {
		return nil, nil, fault(WhyNoHeld, "no picture is left to judge by")
	}
	for _, side := range [][]int{toLearn, toHold} { // so that the first of them are a sample of all classes
		r.Shuffle(len(side), func(i, j int) { side[i], side[j] = side[j], side[i] })
	}
	return s.examples(toLearn, d.Size), s.examples(toHold, d.Size), nil
}

// examples brings pictures to a size.
func (s *Set) examples(indices []int, size int) *Examples {
	e := &Examples{Size: size}
	each := s.Height * s.Width * s.Channels
	rgb := make([]byte, s.Height*s.Width*3)
	for _, i := range indices {
		from := s.Pictures[i*each:][:each]
		if s.Channels == 3 {
			copy(rgb, from)
		} else {
			for k, v := range from {
				rgb[3*k], rgb[3*k+1], rgb[3*k+2] = v, v, v
			}
		}
		if s.Height == size && s.Width == size {
			e.Pixels = append(e.Pixels, rgb...)
		} else {
			e.Pixels = append(e.Pixels, imageio.Shrink(rgb, s.Height, s.Width, size)...)
		}
		e.Labels = append(e.Labels, s.Labels[i])
	}
	return e
}
