package resnet

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/seed8935e608/residua/weights"
)

// This file takes the statistics of batch norms anew from pictures of another domain: adaptive batch normalisation,
// AdaBN (Li, Wang, Shi, Liu and Hou 2017, "Revisiting batch normalization for practical domain adaptation").

// NormStatistics are what a batch norm subtracts from each channel of its input, and the square of what it divides by.
type NormStatistics struct {
	Name      string    // torchvision's: "layer1.0.bn1"
	Mean, Var []float32 // of each channel
}

// Norms are the statistics of all of a network's batch norms, in the order of Config.Norms.
type Norms []NormStatistics

// NormSpec is the name of a batch norm in a model file, and its channels.
type NormSpec struct {
	Name     string
	Channels int
}

// ErrNoNorms is the error where statistics are asked of a network that has no batch norms.
var ErrNoNorms = errors.New("the network has no batch norms, so there are no statistics to take anew")

// Norms lists the batch norms from input to output; a block's projection comes after its F.
func (c Config) Norms() []NormSpec {
	var out []NormSpec
	add := func(name string, channels int) {
		if name != "" {
			out = append(out, NormSpec{name, channels})
		}
	}
	stem := c.StemConv()
	add(stem.Norm, stem.Out)
	for _, b := range c.Blocks() {
		add(b.Norm, b.In)
		for _, s := range b.convs() {
			add(s.Norm, s.Out)
		}
	}
	add(c.LastNorm(), c.Features())
	return out
}

// Values gives all statistics in one row: of each norm the means and then the variances.
func (n Norms) Values() []float32 {
	var out []float32
	for _, of := range n {
		out = append(append(out, of.Mean...), of.Var...)
	}
	return out
}

// NormsOf is the way back of Norms.Values. It copies the values. A row of another length, or with values that no
// statistics have, is an error.
func (c Config) NormsOf(values []float32) (Norms, error) {
	var out Norms
	want := 0
	for _, s := range c.Norms() {
		want += 2 * s.Channels
	}
	if want == 0 {
		return nil, ErrNoNorms
	}
	if len(values) != want {
		return nil, fmt.Errorf("there are %d statistics of norms; this network has %d", len(values), want)
	}
	values = slices.Clone(values)
	for _, s := range c.Norms() {
		out = append(out, NormStatistics{
			s.Name, values[:s.Channels:s.Channels], values[s.Channels : 2*s.Channels : 2*s.Channels],
		})
		values = values[2*s.Channels:]
	}
	return out, out.Check(c)
}

// Check returns an error unless these are statistics of all norms of a network: finite, and no variance below 0.
func (n Norms) Check(c Config) error {
	specs := c.Norms()
	if len(specs) == 0 {
		return ErrNoNorms
	}
	if len(n) != len(specs) {
		return fmt.Errorf("there are statistics of %d norms; this network has %d", len(n), len(specs))
	}
	for i, s := range specs {
		of := n[i]
		if of.Name != s.Name || len(of.Mean) != s.Channels || len(of.Var) != s.Channels {
			return fmt.Errorf("norm %d is %q with %d means and %d variances; this network has %q of %d channels",
				i, of.Name, len(of.Mean), len(of.Var), s.Name, s.Channels)
		}
		for k, v := range of.Var {
			if m := of.Mean[k]; m-m != 0 || v-v != 0 || v < 0 {
				return fmt.Errorf("the norm %s has the mean %v and the variance %v in channel %d", s.Name, m, v, k)
			}
		}
	}
	return nil
}

// Tensors gives the statistics as a model file has them, float32.
func (n Norms) Tensors() ([]weights.Tensor, error) {
	var out []weights.Tensor
	for _, of := range n {
		mean, err1 := weights.NewTensor(of.Name+".running_mean", weights.F32, []int{len(of.Mean)}, of.Mean)
		variance, err2 := weights.NewTensor(of.Name+".running_var", weights.F32, []int{len(of.Var)}, of.Var)
		if err := errors.Join(err1, err2); err != nil {
			return nil, err
		}
		out = append(out, mean, variance)
	}
	return out, nil
}

// ReadNorms reads the statistics of all norms of a network from a file, which may hold other tensors too.
func (c Config) ReadNorms(f *weights.File) (Norms, error) {
	l := loader{file: f, config: c, used: map[string]bool{}}
	var out Norms
	for _, s := range c.Norms() {
		out = append(out, NormStatistics{
			s.Name, l.floats(nil, s.Name+".running_mean", s.Channels), l.floats(nil, s.Name+".running_var", s.Channels),
		})
	}
	if l.err != nil {
		return nil, l.err
	}
	return out, out.Check(c)
}

// WithNorms gives the network with other statistics in its norms. The model file's bytes, the linear layer and the
// buffers of passes are shared; the packed convolutions are not, since the norms are folded into them. So it takes as
// much memory as Load takes beside the file: about 140 MB for ResNet-50 in float32.
func (m *Model) WithNorms(n Norms) (*Model, error) {
	if err := n.Check(m.Config); err != nil {
		return nil, err
	}
	tensors, err := n.Tensors()
	if err != nil {
		return nil, err
	}
	return m.With(tensors)
}

// NormOptions are the settings of EstimateNorms.
type NormOptions struct {
	// Batch is how many pictures are normalised together, at most; 0 is DefaultNormBatch. Where these would take more
	// than 256 MB it is fewer.
	Batch int
	// Most is how many pictures the statistics are taken from; 0 is DefaultNormPictures. Of more, a sample is drawn.
	Most int
	Seed uint64 // of the sample, and of which pictures are in a batch together
	// Progress, if not nil, is called after each piece of work, which takes some milliseconds. Its error ends the work.
	Progress func(done, total int) error
	// Compute, if not nil, runs each piece of work that uses the kernels. It may run a piece again that has panicked.
	Compute func(work func())
}

// Defaults of NormOptions.
const (
	DefaultNormBatch    = 16
	DefaultNormPictures = 256
	maxNormMemory       = 256 << 20 // of a batch's activations, in bytes
)

// EstimateNorms takes the statistics of all batch norms from count pictures; the weights are the network's. Each batch
// goes through the network as in training, normalised in every layer by its own mean and its own variance, and the
// result is the average over the batches of the means and of the unbiased variances. That is what PyTorch has after
// forward passes with model.train() and a momentum of None. The batches are about equal.
//
// read writes picture i, prepared as for Forward, to dst; each picture of the sample is read once. The convolutions are
// in float32 whatever the model's Compute is. A batch's activations take about 15 MB a picture in a ResNet-50 for
// 224×224, and no layer's are kept for the next but one.
//
// The same pictures and options give the same statistics, on any number of threads. For fewer than two pictures, and
// for a network without norms (ErrNoNorms), there is an error; so there is if the pictures make values that are no
// numbers.
func (m *Model) EstimateNorms(count int, read func(dst []float32, i int) error, o NormOptions) (Norms, error) {
	if len(m.Config.Norms()) == 0 {
		return nil, ErrNoNorms
	}
	if count < 2 {
		return nil, fmt.Errorf("the norms' statistics take two pictures or more, and there is %d", count)
	}
	e := m.newNormEstimate(o)
	order := rand.New(rand.NewPCG(o.Seed, 0)).Perm(count)[:o.Sample(count)]
	e.total = len(order)
	batches := (len(order) + e.batch - 1) / e.batch
	for b := range batches {
		some := order[b*len(order)/batches : (b+1)*len(order)/batches]
		if err := e.learn(some, read, b+1); err != nil {
			return nil, err
		}
		e.done += len(some)
	}
	if o.Progress != nil {
		if err := o.Progress(e.done, e.total); err != nil {
			return nil, err
		}
	}
	var out Norms
	for _, s := range m.Config.Norms() {
		out = append(out, NormStatistics{s.Name, e.norms[s.Name].Mean, e.norms[s.Name].Var})
	}
	if err := out.Check(m.Config); err != nil {
		return nil, fmt.Errorf("the pictures give statistics that are no numbers: %w", err)
	}
	return out, nil
}

// Sample is from how many of count pictures EstimateNorms takes the statistics.
func (o NormOptions) Sample(count int) int {
	if o.Most == 0 {
		return min(count, DefaultNormPictures)
	}
	return min(count, o.Most)
}
