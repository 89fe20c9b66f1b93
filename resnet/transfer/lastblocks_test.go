package transfer

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/seed8935e608/residua/resnet"
	"github.com/seed8935e608/residua/resnet/op"
	"github.com/seed8935e608/residua/weights"
)

// goldenBlocks is the i-th case of several last blocks, ready to be trained.
func goldenBlocks(
	t testing.TB, i, epochs int, change func(train, validation *Pictures, o *SGDOptions),
) (*Tuner, trained) {
	t.Helper()
	g := readTrainingGoldens(t).LastBlocks[i]
	var n noise
	in := op.Shape{H: g.H, W: g.W, C: g.Blocks[0].Convs[0][0]}
	first, features := in.Len(), 0
	var blocks []resnet.BlockWeights
	for k, b := range g.Blocks {
		block := n.block(fmt.Sprint("layer4.", k), in, b.Convs, b.Projection)
		blocks = append(blocks, block)
		for _, c := range b.Convs {
			in = op.Shape{H: (in.H-1)/c[3] + 1, W: (in.W-1)/c[3] + 1, C: c[1]}
			features = c[1]
		}
	}
	w, b := n.halves(3*features, 0), n.halves(3, 0)
	train, validation, o := goldenPictures(&n, first), Pictures{}, goldenOptions(epochs)
	o.Discrimination = g.Discrimination
	if change != nil {
		change(&train, &validation, &o)
	}
	tuner, err := NewTuner(blocks, w, b, train, validation, o)
	if err != nil {
		t.Fatal(err)
	}
	return tuner, g.trained
}

func TestLastBlocksArePyTorchs(t *testing.T) {
	for i := range readTrainingGoldens(t).LastBlocks {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			tuner, want := goldenBlocks(t, i, 5, nil)
			want.follows(t, tuner.tuned, &tuner.training)
		})
	}
}

// TestLastBlocksGradients leaves the stage of three blocks to PyTorch: its loss curves too much for finite differences.
func TestLastBlocksGradients(t *testing.T) {
	for _, i := range []int{0, 2} {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			tuner, _ := goldenBlocks(t, i, 5, nil)
			each := tuner.tuned.In().Len()
			x := make([]float32, 6*each)
			for i := range 6 {
				tuner.train.Read(x[i*each:][:each], i, 0)
			}
			slopes(t, tuner.tuned, x, tuner.train.Labels)
		})
	}
}

func TestLastBlocksResume(t *testing.T) {
	resumes(t, func() *training {
		tuner, _ := goldenBlocks(t, 1, 3, withValidation)
		return &tuner.training
	})
}

func TestLastBlocksSurvivePanics(t *testing.T) {
	survives(t, func() *training {
		tuner, _ := goldenBlocks(t, 2, 2, withValidation)
		return &tuner.training
	})
}

// TestDiscrimination: of equal gradients, an earlier block moves less by the factor for each block; one block moves as
// it does without the setting, to the bit.
func TestDiscrimination(t *testing.T) {
	step := func(discrimination float64) [][]float32 {
		tuner, _ := goldenBlocks(t, 1, 5, func(_, _ *Pictures, o *SGDOptions) {
			o.Discrimination, o.Momentum, o.WeightDecay = discrimination, 0, 0
		})
		var moved [][]float32
		for _, p := range tuner.all() {
			moved = append(moved, slices.Clone(p.Value))
		}
		if _, err := tuner.step(); err != nil {
			t.Fatal(err)
		}
		for i, p := range tuner.all() {
			for k, v := range p.Value {
				moved[i][k] -= v
			}
		}
		return moved
	}
	plain, by4 := step(0), step(4)
	if alike := step(1); !slices.EqualFunc(plain, alike, slices.Equal[[]float32]) {
		t.Error("a discrimination of 1 changes something")
	}
	convs := []int{4, 3, 3} // of the three blocks
	for i, block := 0, 0; i < len(plain)-2; block++ {
		factor := math.Pow(4, float64(len(convs)-1-block))
		for range 3 * convs[block] {
			// The difference of weights of about 1 is exact to some 1e-7.
			if got, want := length(by4[i])*factor, length(plain[i]); math.Abs(got-want) > 0.01*want+1e-5 {
				t.Errorf("block %d moves by %v, want %v", block, got, want)
			}
			i++
		}
	}
	one, _ := goldenTuner(t, 0, 3, nil)
	other, _ := goldenTuner(t, 0, 3, func(_, _ *Pictures, o *SGDOptions) { o.Discrimination = DefaultDiscrimination })
	for _, tuner := range []*Tuner{one, other} {
		if err := tuner.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range one.all() {
		if !slices.Equal(p.Value, other.all()[i].Value) {
			t.Errorf("%s of one block depends on the discrimination", p.Name)
		}
	}
}

// TestLastBlocksOfModel: the last blocks of a network compute what it does, in float32 with other kernels.
func TestLastBlocksOfModel(t *testing.T) {
	m := smallModel(t)
	var n noise
	x := n.halves(m.InputLen(), 0)
	want := m.Forward(x, nil).Features
	for depth := 1; depth <= m.Config.MaxDepth(); depth++ {
		l := NewLastBlocks(m.LastBlocks(depth), 1)
		input := make([]float32, l.In().Len())
		m.InputOf(depth, input, x)
		_, features := l.Forward(input, 1)
		if l.Depth() != depth || l.Out().C != m.Config.Features() {
			t.Errorf("%d blocks with %d features", l.Depth(), l.Out().C)
		}
		for i, v := range features {
			if math.Abs(float64(v-want[i])) > 1e-5*(1+math.Abs(float64(want[i]))) {
				t.Fatalf("of the last %d blocks feature %d is %v, want %v", depth, i, v, want[i])
			}
		}
	}
	two := m.LastBlocks(2)
	panics(t, badBlocks, func() { NewLastBlocks(nil, 1) })
	panics(t, badBlocks, func() { NewLastBlocks([]resnet.BlockWeights{two[1], two[0]}, 1) })
}

// deepLesson is lessonOf with two blocks to train.
func deepLesson() Lesson {
	l := lessonOf(MethodLastBlock)
	var n noise
	n.seed = 1000
	in := l.Last[0].In
	before := n.block("before", in, [][4]int{{8, 4, 1, 1}, {4, 8, 3, 1}}, nil)
	l.Last = []resnet.BlockWeights{before, l.Last[0]}
	net, each := NewLastBlocks(l.Last, 1), in.Len()
	l.Features = nil
	for row := range l.Rows() {
		x := make([]float32, each)
		l.Inputs(x, row)
		_, features := net.Forward(x, 1)
		l.Features = append(l.Features, features...)
	}
	return l
}

// TestTeachDeeper: two blocks learn, the result is evaluated by the features of both, and a lesson that was stopped
// goes on from its checkpoint to the same report.
func TestTeachDeeper(t *testing.T) {
	l := deepLesson()
	want := learn(t, l, nil)
	if len(want.Taught.Tuned) != 2 || !(want.Similarity < 1) {
		t.Fatalf("%d blocks, of similarity %v", len(want.Taught.Tuned), want.Similarity)
	}
	for i := range l.Last {
		if slices.Equal(want.Taught.Tuned[i].Residual[0].Weight, l.Last[i].Residual[0].Weight) {
			t.Errorf("block %d has not learnt", i)
		}
	}
	again := deepLesson()
	stopped := learn(t, again, func(p Progress) bool { return p.Phase != PhaseDescent || p.Done < 2 })
	if !stopped.Stopped || stopped.Checkpoint == nil {
		t.Fatal("it does not stop, or leaves no checkpoint")
	}
	again.Checkpoint = stopped.Checkpoint
	sameReport(t, "gone on", learn(t, again, nil), want)
}

// TestTeachMemory: what takes more memory than there is is refused before anything is computed, and where there is none
// for a checkpoint there is no checkpoint.
func TestTeachMemory(t *testing.T) {
	l := deepLesson()
	need, state := TuningMemory(l.Last, len(l.Classes), DefaultTuning, false)
	l.Memory = need - 1
	_, err := Teach(t.Context(), l, func(Progress) bool {
		t.Error("something was computed")
		return true
	})
	var memory *MemoryError
	if !errors.As(err, &memory) || memory.Depth != 2 || !strings.Contains(err.Error(), "train fewer blocks") {
		t.Errorf("without memory: %v", err)
	}
	l.Memory = need + state - 1
	checkpoints := 0
	r := learn(t, l, func(p Progress) bool {
		if p.Checkpoint != nil {
			checkpoints++
		}
		return p.Phase != PhaseDescent || p.Done < 2
	})
	if checkpoints > 0 || !r.Stopped || r.Checkpoint != nil || r.Taught == nil {
		t.Errorf("without memory for checkpoints there are %d", checkpoints)
	}
	var saved bytes.Buffer
	l.Save = func(f *weights.FloatFile) error {
		_, err := f.WriteTo(&saved)
		return err
	}
	r = learn(t, l, func(p Progress) bool { return p.Phase != PhaseDescent || p.Done < 2 })
	if !r.Stopped || r.Checkpoint != nil || saved.Len() == 0 {
		t.Errorf("where it is saved elsewhere, a checkpoint of %d bytes here, and of %d there", len(r.Checkpoint),
			saved.Len())
	}
	again := deepLesson()
	want := learn(t, again, nil)
	again.Checkpoint = saved.Bytes()
	sameReport(t, "gone on from what was saved", learn(t, again, nil), want)
	one := MemoryError{Depth: 1, Bytes: 2e6, Limit: -1}
	if text := one.Error(); !strings.Contains(text, "the last block takes about 2 MB") ||
		!strings.Contains(text, "0 MB are") {
		t.Errorf("for one block: %s", text)
	}
}

// TestTuningMemory: ResNet-50's last blocks take what was counted by hand: 4.3 has 4.46 million weights, its stage
// 14.9.
func TestTuningMemory(t *testing.T) {
	block := func(in op.Shape, stride int, projects bool) resnet.BlockWeights {
		conv := func(in, out, size, stride int) resnet.ConvWeights {
			s := resnet.ConvSpec{In: in, Out: out, Size: size, Stride: stride, Norm: "bn"}
			return resnet.ConvWeights{Spec: s, Weight: make([]float32, in*out*size*size)}
		}
		b := resnet.BlockWeights{In: in, Residual: []resnet.ConvWeights{
			conv(in.C, 512, 1, stride), conv(512, 512, 3, 1), conv(512, 2048, 1, 1),
		}}
		if projects {
			p := conv(in.C, 2048, 1, stride)
			b.Projection = &p
		}
		return b
	}
	late := op.Shape{H: 7, W: 7, C: 2048}
	stage := []resnet.BlockWeights{
		block(op.Shape{H: 14, W: 14, C: 1024}, 2, true), block(late, 1, false), block(late, 1, false),
	}
	for depth, million := range map[int]float64{1: 4.46, 2: 8.92, 3: 14.94} {
		need, state := TuningMemory(stage[3-depth:], 10, DefaultTuning, true)
		// Four copies of the weights, and what belongs to the activations of 32 pictures and to one convolution.
		if low, high := 16*million*1e6, 16*million*1e6+180e6; float64(need) < low || float64(need) > high {
			t.Errorf("%d blocks take %d bytes, want between %.0f and %.0f", depth, need, low, high)
		}
		if kept, _ := TuningMemory(stage[3-depth:], 10, DefaultTuning, false); math.Abs(
			float64(kept-need)/(4*million*1e6)-1) > 0.02 {
			t.Errorf("where %d blocks begin takes %d bytes", depth, kept-need)
		}
		// Three copies, and 9.4 MB for the largest of the convolutions, 3×3×512×512.
		if want := 12*million*1e6 + 9.4e6; math.Abs(float64(state)/want-1) > 0.02 {
			t.Errorf("the state of %d blocks takes %d bytes, want %.0f", depth, state, want)
		}
		t.Logf("%d blocks: %.0f MB, and %.0f for a checkpoint", depth, float64(need)/1e6, float64(state)/1e6)
	}
}

// TestTuningMemoryIsSo: a Tuner takes what TuningMemory says, and rereading takes off what it says.
func TestTuningMemoryIsSo(t *testing.T) {
	var n noise
	in := op.Shape{H: 8, W: 8, C: 128}
	projection := [4]int{128, 256, 1, 2}
	stage := []resnet.BlockWeights{
		n.block("a", in, [][4]int{{128, 64, 1, 2}, {64, 64, 3, 1}, {64, 256, 1, 1}}, &projection),
		n.block("b", op.Shape{H: 4, W: 4, C: 256}, [][4]int{{256, 64, 1, 1}, {64, 64, 3, 1}, {64, 256, 1, 1}}, nil),
	}
	live := func() int64 {
		runtime.GC()
		var s runtime.MemStats
		runtime.ReadMemStats(&s)
		return int64(s.HeapAlloc)
	}
	x := n.values(8 * in.Len())
	pictures := Pictures{
		Labels: []int{0, 1, 0, 1, 0, 1, 0, 1},
		Read:   func(dst []float32, i, _ int) { copy(dst, x[i*in.Len():]) },
	}
	o := SGDOptions{Epochs: 2, Batch: 8, Rate: 1e-3, Momentum: 0.9, Refit: true}
	w, b := n.halves(2*256, 0), n.halves(2, 0)
	learnt := func(rereads bool) *Tuner {
		var reread func() []resnet.BlockWeights
		if rereads {
			reread = func() []resnet.BlockWeights { return stage }
		}
		tuner, err := newTuner(stage, w, b, pictures, pictures, o, reread)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tuner.step(); err != nil { // an epoch, after which the best is kept
			t.Fatal(err)
		}
		return tuner
	}
	learnt(false) // now the kernels have the memory that stays theirs
	for _, rereads := range []bool{false, true} {
		want, _ := TuningMemory(stage, 2, o, rereads)
		before := live()
		tuner := learnt(rereads)
		// Beside what is counted there are tables of a convolution's rows, and small buffers.
		if got := live() - before; math.Abs(float64(got)/float64(want)-1) > 0.08 {
			t.Errorf("rereading %v: it takes %d bytes, said to be %d", rereads, got, want)
		}
		runtime.KeepAlive(tuner)
	}
}

// TestReread: the refit from blocks that were read again is that from those that were kept.
func TestReread(t *testing.T) {
	kept, _ := goldenBlocks(t, 1, 3, withRefit)
	blocks := kept.tuned.weights((*blockConv).weights)
	w, b := slices.Clone(kept.tuned.w.Value), slices.Clone(kept.tuned.b.Value)
	read := 0
	again, err := newTuner(blocks, w, b, kept.train, kept.validation, kept.options, func() []resnet.BlockWeights {
		read++
		return blocks
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tuner := range []*Tuner{kept, again} {
		if err := tuner.Run(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, p := range kept.all() {
		if !slices.Equal(p.Value, again.all()[i].Value) {
			t.Errorf("%s is another where the refit reads its start again", p.Name)
		}
	}
	if read != 1 {
		t.Errorf("the blocks were read %d times", read)
	}
}
