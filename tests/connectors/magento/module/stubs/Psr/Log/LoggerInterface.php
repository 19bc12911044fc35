<?php

namespace Psr\Log;

interface LoggerInterface
{
    public function error($message, array $context = []);
}
