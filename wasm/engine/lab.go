//go:build js

package main

import (
	"errors"
	"fmt"
	"strconv"
	"syscall/js"

	"github.com/seed8935e608/residua/resnet/kernel"
	"github.com/seed8935e608/residua/resnet/skiplab"
	"github.com/seed8935e608/residua/resnet/train"
	"github.com/seed8935e608/residua/wasm/jsbridge"
	"github.com/seed8935e608/residua/wasm/proto"
	"github.com/seed8935e608/residua/weights/digits"
)

// lab is the Skip lab: its pictures, and the networks of the last lab-start.
type lab struct {
	library skiplab.Library
	run     *skiplab.Lab // nil: none
}

var errNoLab = badArgument("no networks are made yet; start them first")

// answerLab computes the reply to a request about the Skip lab.
func (e *engine) answerLab(r request) (message any, out buffers, err error) {
	switch r.op {
	case proto.OpLabOpen:
		return plain(r, e.openLab)
	case proto.OpLabData:
		return plain(r, e.labData)
	case proto.OpLabSamples:
		return decoded(r, e.labSamples)
	case proto.OpLabSignal:
		return decoded(r, e.labSignal)
	case proto.OpLabStart:
		return plain(r, e.labStart)
	case proto.OpLabRun:
		return plain(r, e.labRun)
	case proto.OpLabScore:
		return plain(r, e.labScores)
	case proto.OpLabState:
		return decoded(r, e.labState)
	case proto.OpLabLandscape:
		return decoded(r, e.labLandscape)
	case proto.OpLabPaths:
		return plain(r, e.labPaths)
	case proto.OpLabTransfer:
		return plain(r, e.labTransfer)
	case proto.OpLabExport:
		return plain(r, e.labExport)
	}
	return nil, nil, badArgument(fmt.Sprintf("unknown operation %q", r.op))
}

// openLab starts the helpers.
func (e *engine) openLab(_ request, args proto.LabOpen) (proto.LabOpened, error) {
	if args.Threads < 1 {
		return proto.LabOpened{}, badArgument("threads must be at least 1")
	}
	e.startHelpers(min(args.Threads, 1+kernel.MaxHelpers) - 1)
	return proto.LabOpened{Threads: 1 + e.helpers, SIMD: js.Global().Get("kernelVariant").String()}, nil
}

// labData puts a set of pictures into the library.
func (e *engine) labData(r request, args proto.LabData) (struct{}, error) {
	file, err := received[byte](r, "file")
	if err != nil {
		return struct{}{}, err
	}
	var set *skiplab.Set
	if file != nil {
		set, err = digitSet(args.Name, file)
	} else {
		set, err = receivedSet(r, args)
	}
	if err != nil {
		return struct{}{}, err
	}
	return struct{}{}, labError(e.lab.library.Add(set))
}

// digitSet reads a file of grey pictures, whose classes are numbers.
func digitSet(name string, file []byte) (*skiplab.Set, error) {
	d, err := digits.Parse(file)
	if err != nil {
		return nil, badArgument(err.Error())
	}
	set := &skiplab.Set{Name: name, Height: d.Height, Width: d.Width, Channels: 1, Pictures: d.Pixels}
	for i := range d.Classes() {
		set.Classes = append(set.Classes, strconv.Itoa(i))
	}
	for _, label := range d.Labels {
		set.Labels = append(set.Labels, int(label))
	}
	return set, nil
}

// receivedSet reads a set that the page has made.
func receivedSet(r request, args proto.LabData) (*skiplab.Set, error) {
	set := &skiplab.Set{
		Name: args.Name, Classes: args.Classes, Height: args.Size, Width: args.Size, Channels: 3, Domains: args.Domains,
	}
	pictures, err1 := received[byte](r, "pictures")
	labels, err2 := received[uint16](r, "labels")
	domains, err3 := received[byte](r, "domains")
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	set.Pictures, set.DomainOf = pictures, domains
	for _, label := range labels {
		set.Labels = append(set.Labels, int(label))
	}
	return set, nil
}

// labSamples gives pictures as the networks see them.
func (e *engine) labSamples(_ request, args proto.LabSamples) (any, buffers, error) {
	if args.Count < 1 {
		return nil, nil, badArgument("count must be at least 1")
	}
	classes, of, err := e.lab.library.Samples(dataOf(args.Data), args.Count)
	if err != nil {
		return nil, nil, labError(err)
	}
	return proto.LabSampled{Labels: of.Labels, Classes: classes}, buffers{"pictures": of.Pixels}, nil
}

// labSignal measures how a signal fares in untrained networks.
func (e *engine) labSignal(r request, args proto.LabSignal) (any, buffers, error) {
	start := jsbridge.Now()
	settings, err := settingsOf(args.Settings)
	if err != nil {
		return nil, nil, err
	}
	signals, err := e.lab.library.Signals(settings)
	if err != nil {
		return nil, nil, labError(err)
	}
	made := proto.LabMade{Networks: []proto.LabMadeNetwork{}, Classes: []string{}}
	var numbers layerNumbers
	for i := range settings.Networks {
		e.yield()
		if err := r.ctx.Err(); err != nil {
			return nil, nil, err
		}
		var m skiplab.Measured
		e.compute(func() { m, err = signals.Measure(i) })
		if err != nil {
			return nil, nil, labError(err)
		}
		n := madeNetwork(m.Layers, m.Parameters, m.Bytes)
		if loss := m.Score.Loss; !m.Score.Diverged() {
			n.Loss = &loss
		}
		numbers.add(m.Layers)
		made.Networks = append(made.Networks, n)
	}
	made.Steps, made.MS = settings.Training.Steps, jsbridge.Now()-start
	return made, numbers.buffers(), nil
}

// labStart makes the networks of a lab.
func (e *engine) labStart(r request, args proto.LabStart) (proto.LabMade, error) {
	start := jsbridge.Now()
	settings, err := settingsOf(args.Settings)
	if err != nil {
		return proto.LabMade{}, err
	}
	state, err := received[byte](r, "state")
	if err != nil {
		return proto.LabMade{}, err
	}
	e.lab.run = nil // its memory is needed, and that of the signals
	e.lab.library.ForgetSignals()
	run, err := skiplab.New(settings, &e.lab.library)
	if err == nil && state != nil {
		err = run.Restore(state)
	}
	if err != nil {
		return proto.LabMade{}, labError(err)
	}
	e.lab.run = run
	made := proto.LabMade{Classes: run.Classes(), MS: jsbridge.Now() - start}
	made.Step, made.Steps = run.Steps()
	made.Train, made.Held = run.Pictures()
	for i := range run.Len() {
		net, _ := run.Net(i)
		n := madeNetwork(net.Layers(), net.Parameters(), 0)
		n.Bytes, _ = settings.Memory(i, len(made.Classes))
		_, n.Diverged = run.Report(i)
		made.Networks = append(made.Networks, n)
	}
	return made, nil
}

// labRun trains.
func (e *engine) labRun(r request, args proto.LabRun) (proto.LabRan, error) {
	run := e.lab.run
	if run == nil {
		return proto.LabRan{}, errNoLab
	}
	for n := 0; !run.Done() && (args.Steps == 0 || n < args.Steps) && r.stop.Err() == nil; n++ {
		start := jsbridge.Now()
		var err error
		e.compute(func() { err = run.Step() })
		if err != nil {
			return proto.LabRan{}, labError(err)
		}
		step := proto.LabStep{Rate: run.Rate(), MS: jsbridge.Now() - start}
		step.Step, step.Steps = run.Steps()
		var numbers layerNumbers
		isScored := step.Step%skiplab.ScoreEvery == 0 || run.Done()
		for i := range run.Len() {
			net, _ := run.Net(i)
			numbers.add(net.Layers()) // of the step; a network that is scored forgets it
			step.Networks = append(step.Networks, e.networkStep(run, i, isScored, skiplab.Judged))
		}
		post(r.id, proto.KindProgress, step, numbers.buffers())
		pause(0)
	}
	ran := proto.LabRan{Done: run.Done()}
	ran.Step, ran.Steps = run.Steps()
	for i := range run.Len() {
		_, diverged := run.Report(i)
		ran.Diverged = append(ran.Diverged, diverged)
	}
	return ran, nil
}

// networkStep tells of a network's last step, and scores it on at most n pictures of either side, or all, if n is 0.
func (e *engine) networkStep(run *skiplab.Lab, i int, isScored bool, n int) proto.LabNetworkStep {
	report, diverged := run.Report(i)
	net, _ := run.Net(i)
	s := proto.LabNetworkStep{
		LayerCount: net.LayerCount(), Loss: finite(report.Score.Loss), Accuracy: finite(report.Score.Accuracy()),
		Diverged: diverged >= 0,
	}
	if isScored && diverged < 0 {
		var scores skiplab.Scores
		e.compute(func() { scores = run.Score(i, n) })
		s.Learnt, s.Held = labScore(scores.Learnt), labScore(scores.Held)
	}
	return s
}

// labScore converts a score; nil if it is no number.
func labScore(s train.Score) *proto.Score {
	if s.N == 0 || s.Diverged() {
		return nil
	}
	return &proto.Score{N: s.N, Accuracy: s.Accuracy(), Loss: s.Loss}
}

// labScores scores all networks on all pictures.
func (e *engine) labScores(r request, _ proto.LabScore) (proto.LabScored, error) {
	run := e.lab.run
	if run == nil {
		return proto.LabScored{}, errNoLab
	}
	var scored proto.LabScored
	for i := range run.Len() {
		scored.Networks = append(scored.Networks, e.networkStep(run, i, true, 0))
		e.yield()
		if err := r.ctx.Err(); err != nil {
			return proto.LabScored{}, err
		}
	}
	return scored, nil
}

// labState gives the state of the run.
func (e *engine) labState(_ request, _ proto.LabState) (any, buffers, error) {
	if e.lab.run == nil {
		return nil, nil, errNoLab
	}
	state, err := e.lab.run.State()
	if err != nil {
		return nil, nil, labError(err)
	}
	return proto.LabState{}, buffers{"state": state}, nil
}

// labNet is one of the run's networks.
func (e *engine) labNet(i int) (*train.Net, error) {
	if e.lab.run == nil {
		return nil, errNoLab
	}
	net, err := e.lab.run.Net(i)
	return net, labError(err)
}

// labExport writes a network as a file.
func (e *engine) labExport(r request, args proto.LabExport) (proto.Exported, error) {
	if e.lab.run == nil {
		return proto.Exported{}, errNoLab
	}
	network, err := e.lab.run.File(args.Network, args.Title)
	if err != nil {
		return proto.Exported{}, labError(err)
	}
	return sendNetwork(r, network, args.Format)
}
