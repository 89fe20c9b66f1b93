//go:build !js

package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/seed8935e608/residua/internal/errtext"
	"github.com/seed8935e608/residua/resnet/imageio"
	"github.com/seed8935e608/residua/resnet/train"
)

// pictures are files that have been read, at the network's size.
type pictures struct {
	spec   imageio.Spec
	rgb    [][]byte // each Size×Size×3
	labels []int
}

// load reads the files of some groups on all processors. Those that cannot be read are left out, and reported. It ends
// early with ctx.
func load(ctx context.Context, spec imageio.Spec, report func(text string), groups ...[]found) ([]*pictures, error) {
	files := slices.Concat(groups...)
	rgb, reasons := make([][]byte, len(files)), make([]error, len(files))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := int(next.Add(1)) - 1; i < len(files) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				rgb[i], reasons[i] = read(files[i].path, spec)
			}
		})
	}
	workers.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	const named = 5
	var loaded []*pictures
	i, broken := 0, 0
	for _, group := range groups {
		p := &pictures{spec: spec}
		for _, file := range group {
			if reasons[i] == nil {
				p.rgb, p.labels = append(p.rgb, rgb[i]), append(p.labels, file.label)
			} else if broken++; broken <= named {
				report(fmt.Sprintf("%s is left out: %s", file.path, errtext.Clause(reasons[i])))
			}
			i++
		}
		loaded = append(loaded, p)
	}
	if broken > named {
		report(fmt.Sprintf("%d more files are left out", broken-named))
	}
	return loaded, nil
}

// read reads one picture.
func read(path string, spec imageio.Spec) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	const most = 256 << 20 // bytes
	file, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if len(file) > most {
		return nil, fmt.Errorf("it has more than %d MiB", most>>20)
	}
	img, err := imageio.Decode(file)
	if err != nil {
		return nil, err
	}
	return spec.Crop(img), nil
}

// of gives the pictures to a training.
func (p *pictures) of() train.Pictures {
	return train.Pictures{
		Labels: p.labels,
		Read:   func(dst []float32, i, _ int) { p.spec.Normalise(dst, p.rgb[i]) },
	}
}

// statistics are the mean and the standard deviation of each channel, from 0 to 1, to four digits: so they are the same
// on every machine, and short in the model's card.
func (p *pictures) statistics() (mean, std [3]float32) {
	var sum, squares [3]uint64
	n := 0
	for _, rgb := range p.rgb {
		for i, v := range rgb {
			sum[i%3] += uint64(v)
			squares[i%3] += uint64(v) * uint64(v)
		}
		n += len(rgb) / 3
	}
	for c := range 3 {
		m := float64(sum[c]) / float64(n)
		deviation := math.Sqrt(max(float64(squares[c])/float64(n)-m*m, 0))
		mean[c] = float32(math.Round(m/255*1e4) / 1e4)
		// Where all pictures are of one grey, nothing is divided by 0.
		std[c] = float32(math.Round(max(deviation/255, 0.01)*1e4) / 1e4)
	}
	return mean, std
}
