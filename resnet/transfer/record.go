package transfer

import (
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
)

// Record is what resnet.Record is to a network, for a network that answers with taught classes: it keeps the
// activations of one picture, and answers questions about the classifier's answer. Of a Mirrored head it keeps those of
// the mirror image too, and every answer goes by both: the logits are the mean of the logits for the two.
//
// A Record is for one goroutine at a time.
type Record struct {
	taught  *Taught
	model   *resnet.Model    // the network as it was taught, with the head as its linear layer
	records []*resnet.Record // of the picture and, if the head is Mirrored, of its mirror image
	input   []float32
}

// NewRecord makes an empty record. applied is what Apply gives. The network is that of Network, except that the blocks
// stay which a head on other blocks does not read.
func (t *Taught) NewRecord(applied *resnet.Model) (*Record, error) {
	w, b := t.Head.calibrated()
	model, err := applied.WithHead(t.Blocks, w, b)
	if err != nil {
		return nil, err
	}
	model.Card.Labels, model.Card.Activation = t.Classes, "" // heads have a softmax
	r := &Record{taught: t, model: model, records: []*resnet.Record{model.NewRecord()}}
	if t.Mirrored {
		r.records = append(r.records, model.NewRecord())
	}
	return r, nil
}

// Model is the network whose records these are. Its classes are the taught ones.
func (r *Record) Model() *resnet.Model { return r.model }

// Picture is the record of the picture itself, without its mirror image. Its Forward and Ablate are Record's to call.
func (r *Record) Picture() *resnet.Record { return r.records[0] }

// Forward replaces the activations by those of a picture, prepared as for resnet.Model.Forward. observe may be nil, and
// is called for the picture itself.
func (r *Record) Forward(x []float32, observe resnet.Observer) {
	_, width := r.model.Card.Shape()
	r.input = append(r.input[:0], x...)
	r.records[0].Forward(x, observe)
	for _, mirrored := range r.records[1:] {
		mirrored.Forward(flipped(x, width, 3), nil)
	}
}

// Ablate is resnet.Record.Ablate.
func (r *Record) Ablate(cut map[int]resnet.Part) error {
	for _, one := range r.records {
		if _, err := one.Ablate(cut); err != nil {
			return err
		}
	}
	return nil
}

// Answer is what Head.Predict says of the picture. It panics before the first Forward.
func (r *Record) Answer() Answer {
	return r.taught.Head.Predict(r.mean(func(i int) []float32 { return r.records[i].Features }))[0]
}

// Logits are the head's, divided by its temperature. It panics before the first Forward.
func (r *Record) Logits() []float32 {
	return r.mean(func(i int) []float32 { return r.records[i].Logits })
}

// CAM is resnet.Record.CAM for a taught class. Of a Mirrored head it is the mean of the map of the picture and of that
// of its mirror image, turned back, so that its mean too is the logit without the bias.
func (r *Record) CAM(class int) (resnet.Map, error) {
	return r.meanMap(class, func(one *resnet.Record) (resnet.Map, error) { return one.CAM(class) })
}

// GradCAM is resnet.Record.GradCAM for a taught class; of a Mirrored head the mean of two maps, as for CAM.
func (r *Record) GradCAM(class, block int, source resnet.Source) (resnet.Map, error) {
	return r.meanMap(class, func(one *resnet.Record) (resnet.Map, error) { return one.GradCAM(class, block, source) })
}

// Occlusion is resnet.Record.Occlusion for a taught class. Of a Mirrored head the square is in both pictures, at the
// same place of what they show.
func (r *Record) Occlusion(class, size, stride int, progress resnet.Progress) (resnet.Map, error) {
	if err := r.check(class); err != nil {
		return resnet.Map{}, err
	}
	whole := r.probability(class, r.Logits())
	height, width := r.model.Card.Shape()
	return resnet.Occlude(r.input, height, width, size, stride, func(x []float32) float64 {
		return whole - r.probability(class, r.mean(func(i int) []float32 {
			if i > 0 {
				x = flipped(x, width, 3)
			}
			result, err := r.records[i].Ablated(x)
			return must(result, err).Logits
		}))
	}, progress)
}

// Sweep is resnet.Record.Sweep for a taught class.
func (r *Record) Sweep(class int, progress resnet.Progress) ([]float64, error) {
	if err := r.check(class); err != nil {
		return nil, err
	}
	if r.model.Config.Join == resnet.JoinNone {
		return nil, resnet.ErrNoShortcuts
	}
	var out []float64
	blocks := r.Picture().Blocks()
	for block := range blocks {
		out = append(out, r.probability(class, r.mean(func(i int) []float32 {
			result, err := r.records[i].Without(block)
			return must(result, err).Logits
		})))
		if progress != nil && !progress(block+1, blocks) {
			return nil, resnet.ErrStopped
		}
	}
	return out, nil
}

// check returns an error for a class that there is not, and if there is no picture yet.
func (r *Record) check(class int) error {
	switch n := r.model.Config.Classes; {
	case r.input == nil:
		return resnet.ErrEmptyRecord
	case class < 0 || class >= n:
		return fmt.Errorf("there is no class %d; the taught network has the classes 0 to %d", class, n-1)
	}
	return nil
}

// must gives a result that check has made sure of.
func must(result resnet.Result, err error) resnet.Result {
	if err != nil {
		panic(err)
	}
	return result
}

func (r *Record) probability(class int, logits []float32) float64 {
	return r.model.Probabilities(logits)[class]
}

// mean gives the mean of what the records have, by their index.
func (r *Record) mean(of func(i int) []float32) []float32 {
	sum := slices.Clone(of(0))
	for i := 1; i < len(r.records); i++ {
		for k, v := range of(i) {
			sum[k] = (sum[k] + v) / 2
		}
	}
	return sum
}

// meanMap gives the mean of the records' maps of a class, those of the mirror image turned back.
func (r *Record) meanMap(class int, of func(one *resnet.Record) (resnet.Map, error)) (resnet.Map, error) {
	if err := r.check(class); err != nil {
		return resnet.Map{}, err
	}
	var out resnet.Map
	var maps [][]float32
	for i, one := range r.records {
		m, err := of(one)
		if err != nil {
			return resnet.Map{}, err
		}
		if out = m; i > 0 {
			m.Values = flipped(m.Values, m.W, 1)
		}
		maps = append(maps, m.Values)
	}
	out.Values = r.mean(func(i int) []float32 { return maps[i] })
	return out, nil
}

// flipped gives a picture's mirror image: rows of width pixels, each of n numbers.
func flipped(x []float32, width, n int) []float32 {
	out := make([]float32, 0, len(x))
	for at := 0; at < len(x); at += width * n {
		for column := width - 1; column >= 0; column-- {
			out = append(out, x[at+column*n:][:n]...)
		}
	}
	return out
}
