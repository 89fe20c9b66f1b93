package resnet

import (
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet/op"
)

// The block means are the means over all positions of a residual block's output, one for each channel. A linear layer
// on those of an early block, or of several blocks together, is a shorter network or one with branches (Alain and
// Bengio 2017 put such linear layers on every block, to see what it knows).

// maxFeatures limits the features of a linear layer on several blocks.
const maxFeatures = 1 << 18

// CheckBlocks returns an error unless blocks are some of the network's, each once and in ascending order. They are
// counted from 0 over all stages.
func (c Config) CheckBlocks(blocks []int) error {
	n := 0
	for _, of := range c.Layers {
		n += of
	}
	if len(blocks) == 0 {
		return errors.New("the list of blocks is empty")
	}
	for i, b := range blocks {
		if b < 0 || b >= n {
			return fmt.Errorf("there is no block %d; the network has the blocks 0 to %d", b, n-1)
		}
		if i > 0 && b <= blocks[i-1] {
			return fmt.Errorf("the block %d comes after the block %d; blocks are listed once each, in ascending order",
				b, blocks[i-1])
		}
	}
	if d := c.MeansLen(blocks); d > maxFeatures {
		return fmt.Errorf("the blocks have %d channels together; up to %d are possible", d, maxFeatures)
	}
	return nil
}

// BlockChannels gives the number of channels of each block's output.
func (c Config) BlockChannels() []int {
	var out []int
	for stage, n := range c.Layers {
		out = append(out, slices.Repeat([]int{c.Width << stage * c.Expansion}, n)...)
	}
	return out
}

// MeansLen is how many means some blocks have: the sum of their channels.
func (c Config) MeansLen(blocks []int) int {
	channels, sum := c.BlockChannels(), 0
	for _, b := range blocks {
		sum += channels[b]
	}
	return sum
}

// Until gives the structure of the network that ends with a linear layer on the means of some blocks. It has no block
// behind the last of them. On one block it is an ordinary network with fewer blocks; only a pre-activation network,
// whose features would be those behind another norm and activation, and several blocks need HeadBlocks. Until panics if
// CheckBlocks returns an error.
func (c Config) Until(blocks []int) Config {
	if err := c.CheckBlocks(blocks); err != nil {
		panic("resnet: " + err.Error())
	}
	left, layers := blocks[len(blocks)-1]+1, []int(nil)
	for _, n := range c.Layers {
		if left > 0 {
			layers = append(layers, min(n, left))
		}
		left -= n
	}
	c.Layers, c.HeadBlocks = layers, nil
	if len(blocks) > 1 || c.PreActivation {
		c.HeadBlocks = slices.Clone(blocks)
	}
	return c
}

// FeaturesAre reports whether the network's own features are the means of these blocks, so that a linear layer on the
// means makes no other network.
func (c Config) FeaturesAre(blocks []int) bool {
	until := c.Until(blocks)
	return slices.Equal(until.Layers, c.Layers) && slices.Equal(until.HeadBlocks, c.HeadBlocks)
}

// checkHeadBlocks is the part of Check about HeadBlocks.
func (c Config) checkHeadBlocks() error {
	if len(c.HeadBlocks) == 0 {
		return nil
	}
	if err := c.CheckBlocks(c.HeadBlocks); err != nil {
		return fmt.Errorf("the blocks of the linear layer: %w", err)
	}
	if last := len(c.BlockChannels()) - 1; c.HeadBlocks[len(c.HeadBlocks)-1] != last {
		return fmt.Errorf("the linear layer reads the blocks %v, so nothing reads the last block, %d", c.HeadBlocks,
			last)
	}
	return nil
}

// headBlock is the last of the blocks whose means the linear layer reads. Only WithHead makes a network that goes on
// behind it.
func (m *Model) headBlock() int {
	if n := len(m.Config.HeadBlocks); n > 0 {
		return m.Config.HeadBlocks[n-1]
	}
	return len(m.blocks) - 1
}

// collector takes the means of some blocks' outputs as they are computed.
type collector struct {
	blocks []int     // those that are still to come
	dst    []float32 // the room for their means
}

// take takes the means of a block's output y, if they are wanted. The blocks come in ascending order.
func (c *collector) take(block int, y []float32, s op.Shape) {
	if len(c.blocks) == 0 || c.blocks[0] != block {
		return
	}
	op.GlobalMeanPool(c.dst[:s.C], y[:s.Len()], s)
	c.blocks, c.dst = c.blocks[1:], c.dst[s.C:]
}

// BlockMeans runs the network on one picture up to the last of some blocks, and writes the means of their outputs to
// dst, one block after the other; its length is Config.MeansLen. x is as for Forward. BlockMeans panics if
// Config.CheckBlocks returns an error, or if a length does not fit.
func (m *Model) BlockMeans(dst, x []float32, blocks []int) {
	m.mustHave(blocks, dst)
	p := m.pass()
	defer p.end()
	p.means = collector{blocks, dst}
	p.through(0, blocks[len(blocks)-1]+1, p.stemmed(x))
}

// ForwardBlocks is Forward, and calls watch with the output of each block, y of the shape s, as soon as it is computed.
// Before the first block it calls watch with that block's input, as block -1. y is valid until watch returns, and must
// not be changed.
func (m *Model) ForwardBlocks(x []float32, watch func(block int, y []float32, s op.Shape)) Result {
	p := m.pass()
	defer p.end()
	p.watch = watch
	first := p.stemmed(x)
	watch(-1, first[:m.first.Len()], m.first)
	return p.forwardFrom(0, first)
}

// BlockMeans writes the means of some blocks' outputs to dst, as Model's does, for the record's picture and without the
// parts that Ablate has removed.
func (r *Record) BlockMeans(dst []float32, blocks []int) error {
	if err := r.begin(); err != nil {
		return err
	}
	defer r.end()
	r.model.mustHave(blocks, dst)
	c := collector{blocks, dst}
	for _, b := range blocks {
		c.take(b, r.kept[b+1], r.model.blocks[b].out())
	}
	return nil
}

const badMeans = "resnet: the means are not as many as the blocks' channels"

func (m *Model) mustHave(blocks []int, means []float32) {
	if err := m.Config.CheckBlocks(blocks); err != nil {
		panic("resnet: " + err.Error())
	}
	if len(means) != m.Config.MeansLen(blocks) {
		panic(badMeans)
	}
}
