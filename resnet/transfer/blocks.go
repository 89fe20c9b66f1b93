package transfer

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/weights"
)

// This file is about classifiers on the block means (resnet.Model.BlockMeans) of other blocks than the last: a task
// that is far from the network's own is often solved best by features of an earlier block (Yosinski and others 2014).

// maxBlocks limits the blocks of a file, before the network that it was made for is known: that of resnet.Config.Check.
const maxBlocks = 6 * 200

// checkBlocks returns an error unless blocks are in ascending order. Only the network knows how many there are.
func checkBlocks(blocks []int) error {
	for i, b := range blocks {
		if b < 0 || b >= maxBlocks || i > 0 && b <= blocks[i-1] {
			return errors.New("blocks are listed once each, in ascending order from 0 on")
		}
	}
	return nil
}

// headFeatures is how many features a head on some blocks of a network has, or without blocks one on its last.
func headFeatures(c resnet.Config, blocks []int) (int, error) {
	if len(blocks) == 0 {
		return c.Features(), nil
	}
	if err := c.CheckBlocks(blocks); err != nil {
		return 0, fmt.Errorf("the classifier's blocks do not fit the network: %w", err)
	}
	return c.MeansLen(blocks), nil
}

var errBlocksAndBlock = errors.New("a classifier on chosen blocks cannot come with a last block that was trained")

// checkBlock returns an error for a trained last block whose means the head does not classify alone.
func (t *Taught) checkBlock(c resnet.Config) error {
	if len(t.Tuned) > 0 && len(t.Blocks)+len(c.HeadBlocks) > 0 {
		return errBlocksAndBlock
	}
	return nil
}

// titled is what the title of a whole network says of its teaching.
func titled(c resnet.Config, blocks []int) string {
	switch len(blocks) {
	case 0:
		return ", taught"
	case 1:
		stage, at := 0, blocks[0]
		for ; at >= c.Layers[stage]; stage++ {
			at -= c.Layers[stage]
		}
		return fmt.Sprintf(", taught from block %d.%d", stage+1, at+1)
	}
	return fmt.Sprintf(", taught from %d blocks", len(blocks))
}

// shortened leaves out the tensors that a structure has no place for.
func shortened(f *weights.File, c resnet.Config) (*weights.File, error) {
	var kept []weights.Tensor
	for _, spec := range c.Tensors() {
		t, ok := f.Tensor(spec.Name)
		if !ok {
			return nil, fmt.Errorf("transfer: the network has no tensor %s", spec.Name)
		}
		kept = append(kept, t)
	}
	return weights.NewFile(f.Metadata, kept)
}

// blocksOf tells on which blocks of a network the classifier of a whole network stands; nil: on the same as the
// network's own. It returns an error unless the whole network is the other one as far as it goes.
func blocksOf(whole, of resnet.Config) ([]int, error) {
	blocks, n := whole.HeadBlocks, len(whole.BlockChannels())
	if n == len(of.BlockChannels()) && slices.Equal(blocks, of.HeadBlocks) {
		return nil, nil
	}
	if len(blocks) == 0 {
		blocks = []int{n - 1}
	}
	if err := of.CheckBlocks(blocks); err != nil {
		return nil, fmt.Errorf("its classifier's blocks do not fit the network here: %w", err)
	}
	want := of.Until(blocks)
	want.Classes = whole.Classes
	text, err1 := json.Marshal(whole)
	expected, err2 := json.Marshal(want)
	if err := errors.Join(err1, err2); err != nil {
		return nil, err
	}
	if string(text) != string(expected) {
		return nil, fmt.Errorf("its structure, %s, is no part of the network's here", text)
	}
	return blocks, nil
}

func errOtherTensor(name string) error {
	return fmt.Errorf(
		"its %s is not that of the network here: it was not taught on this one, or deeper than Residua teaches", name)
}
